import { integerBelow, type Random, uniform } from "../random/random.ts";

/** How strongly scale and aspect vary. Plain data, part of a run's config. */
export interface JitterRange {
  /** Smallest and largest scale; its logarithm is drawn uniformly. */
  readonly scale: readonly [number, number];
  /** The logarithm of the aspect (width to height) is uniform in ± this. */
  readonly logAspect: number;
  /** A box whose clipped width or height is not above this is dropped, pixels. */
  readonly minimumSide: number;
}

/** The jitter with which the teacher of the `small` scale is trained. */
export const TEACHER_JITTER: JitterRange = {
  scale: [0.75, 1.4],
  logAspect: 0.1,
  minimumSide: 3,
};

/** Where the resampled image lies on the canvas; parts outside are cropped. */
export interface Placement {
  /** Size of the resampled image in pixels. */
  readonly width: number;
  readonly height: number;
  /** Its upper left corner on the canvas; negative where it is cropped. */
  readonly left: number;
  readonly top: number;
}

/** Boxes and labels that go together. */
export interface LabeledBoxes {
  /** [G * 4], x1, y1, x2, y2 in pixels. */
  readonly boxes: Float32Array;
  /** [G], class indices. */
  readonly labels: Int32Array;
}

/** Times a placement is drawn again before the image is left as it is. */
const DRAWS = 50;

/**
 * Draws how an image is scaled, stretched and shifted on a canvas of its own
 * size, and what becomes of its boxes.
 *
 * With s = exp U(ln s₀, ln s₁) and r = exp U(−a, a) the image is resampled to
 * round(W·s·√r) × round(H·s/√r). Along each axis it is pasted at a uniform
 * whole-pixel offset where it is smaller than the canvas, and cropped at one
 * where it is larger. A box stays if its centre is inside the canvas and both
 * its clipped sides exceed `minimumSide`; it is then clipped. If an image with
 * boxes is left with none, all is drawn again, at most 50 times; then it keeps
 * its own size and place.
 *
 * Use it on networks that see an image many times, as the teacher of the
 * `small` scale does: without it that teacher overfits and teaches worse.
 *
 * @param random The sample's generator.
 * @param range How strongly to vary.
 * @param canvas Size of image and canvas in pixels, W × H.
 * @param objects The boxes on the image, in its pixels.
 * @returns The placement, and the boxes in canvas pixels that stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawJitter } from "ldlab/data/jitter.ts";
 *
 * // Half the size, pasted in the middle of what is left.
 * const { placement, objects } = drawJitter(
 *   () => 0.5,
 *   { scale: [0.5, 0.5], logAspect: 0, minimumSide: 3 },
 *   { width: 100, height: 80 },
 *   { boxes: new Float32Array([10, 10, 50, 30]), labels: new Int32Array([2]) },
 * );
 * assert.deepEqual(placement, { width: 50, height: 40, left: 25, top: 20 });
 * assert.deepEqual([...objects.boxes], [30, 25, 50, 35]);
 * ```
 */
export function drawJitter(
  random: Random,
  range: JitterRange,
  canvas: { width: number; height: number },
  objects: LabeledBoxes,
): { placement: Placement; objects: LabeledBoxes } {
  for (let draw = 0; draw < DRAWS; draw++) {
    const scale = Math.exp(
      uniform(random, Math.log(range.scale[0]), Math.log(range.scale[1])),
    );
    const stretch = Math.exp(
      uniform(random, -range.logAspect, range.logAspect) / 2,
    );
    const width = Math.max(1, Math.round(canvas.width * scale * stretch));
    const height = Math.max(1, Math.round(canvas.height * scale / stretch));
    const left = drawOffset(random, canvas.width - width);
    const top = drawOffset(random, canvas.height - height);
    const placement = { width, height, left, top };
    const kept = placeBoxes(objects, placement, canvas, range.minimumSide);
    if (kept.labels.length > 0 || objects.labels.length === 0) {
      return { placement, objects: kept };
    }
  }
  return { placement: { ...canvas, left: 0, top: 0 }, objects };
}

/** An offset that spends the room, or crops what is too much. */
function drawOffset(random: Random, room: number): number {
  const offset = integerBelow(random, Math.abs(room) + 1);
  return room < 0 ? -offset : offset;
}

/**
 * Boxes of an image that is resampled and placed on a canvas of its old size.
 *
 * @param objects The boxes on the image, in its pixels.
 * @param placement Where the resampled image lies.
 * @param canvas Size of the canvas, and of the image before, in pixels.
 * @param minimumSide See {@linkcode JitterRange}.
 * @returns The boxes whose centre is on the canvas and whose clipped sides both
 * exceed `minimumSide`, clipped, in canvas pixels, in their old order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { placeBoxes } from "ldlab/data/jitter.ts";
 *
 * const kept = placeBoxes(
 *   { boxes: new Float32Array([0, 0, 20, 20, 60, 60, 80, 80]), labels: new Int32Array([0, 1]) },
 *   { width: 200, height: 200, left: -15, top: 0 },
 *   { width: 100, height: 100 },
 *   3,
 * );
 * // Twice the size: [-15, 0, 25, 40] is clipped, [105, 120, 145, 160] is gone.
 * assert.deepEqual([...kept.boxes], [0, 0, 25, 40]);
 * assert.deepEqual([...kept.labels], [0]);
 * ```
 */
export function placeBoxes(
  objects: LabeledBoxes,
  placement: Placement,
  canvas: { width: number; height: number },
  minimumSide: number,
): LabeledBoxes {
  const scaleX = placement.width / canvas.width;
  const scaleY = placement.height / canvas.height;
  const boxes: number[] = [];
  const labels: number[] = [];
  for (let g = 0; g < objects.labels.length; g++) {
    const x1 = objects.boxes[g * 4] * scaleX + placement.left;
    const y1 = objects.boxes[g * 4 + 1] * scaleY + placement.top;
    const x2 = objects.boxes[g * 4 + 2] * scaleX + placement.left;
    const y2 = objects.boxes[g * 4 + 3] * scaleY + placement.top;
    const [centerX, centerY] = [(x1 + x2) / 2, (y1 + y2) / 2];
    if (
      centerX < 0 || centerX >= canvas.width ||
      centerY < 0 || centerY >= canvas.height
    ) continue;
    const [left, top] = [Math.max(x1, 0), Math.max(y1, 0)];
    const right = Math.min(x2, canvas.width);
    const bottom = Math.min(y2, canvas.height);
    if (right - left <= minimumSide || bottom - top <= minimumSide) continue;
    boxes.push(left, top, right, bottom);
    labels.push(objects.labels[g]);
  }
  return { boxes: Float32Array.from(boxes), labels: Int32Array.from(labels) };
}
