import assert from "node:assert/strict";
import fc from "fast-check";
import { areaInside, polygonArea } from "ldlab/data/polygon_area.ts";

const window = (left: number, top: number, width: number, height: number) => ({
  left,
  top,
  width,
  height,
});

Deno.test("areaInside() gives the areas of parts that are known by hand", () => {
  const square = [0, 0, 10, 0, 10, 10, 0, 10];
  assert.equal(polygonArea(square), 100);
  assert.equal(areaInside(square, window(3, -5, 20, 9)), 7 * 4);
  assert.equal(areaInside(square, window(-5, -5, 50, 50)), 100);
  assert.equal(areaInside(square, window(2, 3, 4, 5)), 20);
  assert.equal(areaInside(square, window(10, 0, 5, 5)), 0); // touches
  assert.equal(areaInside(square, window(20, 20, 5, 5)), 0);
  // A diamond |x| + |y| ≤ 4 and the quadrant x ≥ 1, y ≥ 0: half of 3 × 3.
  const diamond = [4, 0, 0, 4, -4, 0, 0, -4];
  assert.equal(polygonArea(diamond), 32);
  assert.equal(areaInside(diamond, window(1, 0, 9, 9)), 4.5);
  // |x| ≤ 3, |y| ≤ 3 cuts off four tips, each 2 wide and 1 high.
  assert.equal(areaInside(diamond, window(-3, -3, 6, 6)), 32 - 4 * 1);
  // An arrow head, not convex: over y = 0 a triangle 4 wide and 4 high, of a
  // whole of 16 (a triangle of 8 by 8, less one of 8 by 4).
  const arrow = [0, 4, 4, -4, 0, 0, -4, -4];
  assert.equal(polygonArea(arrow), 16);
  assert.equal(areaInside(arrow, window(-9, 0, 18, 4)), 8);
  // Its two prongs, and half of it.
  assert.equal(areaInside(arrow, window(-9, -4, 18, 4)), 8);
  assert.equal(areaInside(arrow, window(-9, -9, 9, 18)), 8);
});

/** Four corners, each in a quadrant around a middle: the sides do not cross. */
const quadrilateral = fc.tuple(
  fc.array(fc.double({ min: 0.5, max: 40, noNaN: true }), {
    minLength: 8,
    maxLength: 8,
  }),
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.boolean(),
).map(([sides, middle, backwards]) => {
  const corners = [[1, 1], [-1, 1], [-1, -1], [1, -1]].map(([x, y], i) => [
    middle + x * sides[2 * i],
    middle + y * sides[2 * i + 1],
  ]);
  return (backwards ? corners.reverse() : corners).flat();
});

Deno.test("areaInside() of windows side by side adds up to the polygon's area", () => {
  fc.assert(fc.property(
    quadrilateral,
    fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 4 }),
    (polygon, cuts) => {
      const edges = [-100, ...cuts.toSorted((a, b) => a - b), 100];
      let sum = 0;
      for (let i = 1; i < edges.length; i++) {
        for (let j = 1; j < edges.length; j++) {
          const [left, top] = [edges[i - 1], edges[j - 1]];
          const area = areaInside(
            polygon,
            window(left, top, edges[i] - left, edges[j] - top),
          );
          assert.ok(area >= 0);
          sum += area;
        }
      }
      const area = polygonArea(polygon);
      assert.ok(Math.abs(sum - area) <= 1e-9 * (1 + area), `${sum}, ${area}`);
    },
  ));
});

Deno.test("areaInside() does not depend on where the corners begin, their direction, or where all lies", () => {
  fc.assert(fc.property(
    quadrilateral,
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: -1000, max: 1000 }),
    (polygon, start, far) => {
      const inside = areaInside(polygon, window(-10, -20, 35, 40));
      const turned = [
        ...polygon.slice(2 * start),
        ...polygon.slice(0, 2 * start),
      ];
      const close = (area: number) =>
        assert.ok(Math.abs(area - inside) <= 1e-9 * (1 + inside));
      close(areaInside(turned, window(-10, -20, 35, 40)));
      const moved = polygon.map((value) => value + far);
      close(areaInside(moved, window(far - 10, far - 20, 35, 40)));
    },
  ));
});

Deno.test("areaInside() of a box is the overlap of the boxes", () => {
  const side = fc.integer({ min: 0, max: 30 });
  fc.assert(fc.property(
    fc.tuple(side, side, side, side),
    fc.tuple(side, side, side, side),
    ([x, y, w, h], [left, top, width, height]) => {
      const inner = (a: number, b: number, c: number, d: number) =>
        Math.max(0, Math.min(a + b, c + d) - Math.max(a, c));
      assert.equal(
        areaInside(
          [x, y, x + w, y, x + w, y + h, x, y + h],
          window(left, top, width, height),
        ),
        inner(x, w, left, width) * inner(y, h, top, height),
      );
    },
  ));
});
