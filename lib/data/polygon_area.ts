/** An axis-aligned rectangle in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The area of a polygon.
 *
 *     A = |Σ_i (x_i y_(i+1) − x_(i+1) y_i)| / 2
 *
 * @param polygon [2 * n], x and y of each corner, in order around it; its sides
 * must not cross.
 * @returns Square pixels; 0 where all corners are on a line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { polygonArea } from "ldlab/data/polygon_area.ts";
 *
 * assert.equal(polygonArea([2, 0, 4, 2, 2, 4, 0, 2]), 8);
 * ```
 */
export function polygonArea(polygon: ArrayLike<number>): number {
  const count = polygon.length / 2;
  // Taken from the first corner, so that far coordinates cost no digits.
  const [x0, y0] = [polygon[0], polygon[1]];
  let doubled = 0;
  for (let i = 1; i < count - 1; i++) {
    const [ax, ay] = [polygon[2 * i] - x0, polygon[2 * i + 1] - y0];
    const [bx, by] = [polygon[2 * i + 2] - x0, polygon[2 * i + 3] - y0];
    doubled += ax * by - bx * ay;
  }
  return Math.abs(doubled) / 2;
}

/**
 * The area of a polygon's part inside a rectangle.
 *
 * Use it to decide whether a patch of an image holds enough of an object. The
 * polygon is cut at one side of the rectangle after another; where a part that
 * is not convex falls apart, the seams between have no area.
 *
 * @param polygon [2 * n], x and y of each corner, in order around it; its sides
 * must not cross, it need not be convex.
 * @param rectangle In the same pixels.
 * @returns Square pixels, from 0 to the polygon's area.
 * @see I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping, 1974.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { areaInside } from "ldlab/data/polygon_area.ts";
 *
 * const diamond = [2, 0, 4, 2, 2, 4, 0, 2];
 * assert.equal(areaInside(diamond, { left: 0, top: 0, width: 2, height: 9 }), 4);
 * ```
 */
export function areaInside(
  polygon: ArrayLike<number>,
  { left, top, width, height }: Rectangle,
): number {
  let part = Array.from(polygon);
  for (
    const [axis, bound, sign] of [
      [0, left, 1],
      [0, left + width, -1],
      [1, top, 1],
      [1, top + height, -1],
    ]
  ) {
    part = cut(part, axis, bound, sign);
    if (part.length === 0) return 0;
  }
  return polygonArea(part);
}

/** The part where sign × (coordinate − bound) ≥ 0. */
function cut(
  polygon: readonly number[],
  axis: number,
  bound: number,
  sign: number,
): number[] {
  const part: number[] = [];
  const count = polygon.length / 2;
  for (let i = 0; i < count; i++) {
    const from = 2 * i;
    const to = 2 * ((i + 1) % count);
    const before = sign * (polygon[from + axis] - bound);
    const after = sign * (polygon[to + axis] - bound);
    if (before >= 0) part.push(polygon[from], polygon[from + 1]);
    if ((before < 0) === (after < 0) || before === 0 || after === 0) continue;
    const share = before / (before - after);
    const point = [0, 1].map((at) =>
      at === axis
        ? bound
        : polygon[from + at] + share * (polygon[to + at] - polygon[from + at])
    );
    part.push(...point);
  }
  return part;
}
