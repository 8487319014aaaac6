// A anchors of all levels, n numbers a side.
import type { Anchors } from "../boxes/anchors.ts";
import type { Deviations } from "../boxes/delta_coding.ts";
import type { BoxForm } from "../detectors/box_form.ts";

const round = Math.fround;

/** Decoding changes no side of an anchor by more than this factor, or its inverse. */
const LARGEST_CHANGE = 1000 / 16;

/** Gives the box of an anchor: x1, y1, x2, y2 in pixels of the network input. */
export type BoxDecoder = (anchor: number) => [number, number, number, number];

/**
 * Opens the boxes that a detector says, each decoded when it is asked for.
 *
 * Use it where few boxes of many are wanted, on the host; `integral`,
 * `distancesToBox` and `deltasToBox` decode tensors of them.
 *
 * @param form What the box logits mean, from `boxFormOf`.
 * @param boxLogits `[A, 4, n]`; n is 1 but for distributions.
 * @param anchors The anchors of the network input.
 * @returns The decoder; its boxes may reach beyond the input.
 * @see MMDetection 3.3.0 `Integral`, `DistancePointBBoxCoder` and
 * `DeltaXYWHBBoxCoder`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { openBoxes } from "ldlab/eval/box_decoder.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8] });
 * const distances = new Float32Array([1, 1, 1, 1, 0, 1, 2, 3]);
 * const boxOf = openBoxes({ kind: "distances" }, distances, anchors);
 * assert.deepEqual(boxOf(1), [8, -8, 24, 24]); // from the centre (8, 0)
 * ```
 */
export function openBoxes(
  form: BoxForm,
  boxLogits: Float32Array,
  anchors: Anchors,
): BoxDecoder {
  switch (form.kind) {
    case "distributions": {
      const bins = boxLogits.length / anchors.count / 4;
      return fromCenters(
        anchors,
        (side) => meanOfDistribution(boxLogits, side * bins, bins),
      );
    }
    case "distances":
      return fromCenters(anchors, (side) => boxLogits[side]);
    case "deltas":
      return fromAnchors(anchors, boxLogits, form.deviations);
  }
}

/** Sides at a distance in strides, of side `4 * anchor + edge`, from the centre. */
function fromCenters(
  { centers, strides }: Anchors,
  distanceOf: (side: number) => number,
): BoxDecoder {
  const sides = (anchor: number) =>
    [0, 1, 2, 3].map((edge) => {
      const distance = round(distanceOf(anchor * 4 + edge) * strides[anchor]);
      const center = centers[anchor * 2 + edge % 2];
      return round(edge < 2 ? center - distance : center + distance);
    });
  return (anchor) => sides(anchor) as ReturnType<BoxDecoder>;
}

/** Anchors moved by dx, dy and grown by dw, dh. */
function fromAnchors(
  { boxes }: Anchors,
  deltas: Float32Array,
  deviations: Deviations,
): BoxDecoder {
  const limit = Math.log(LARGEST_CHANGE);
  const alongAxis = (anchor: number, axis: 0 | 1): [number, number] => {
    const at = anchor * 4 + axis;
    const [low, high] = [boxes[at], boxes[at + 2]];
    const move = round(deltas[at] * round(deviations[axis]));
    const growth = round(deltas[at + 2] * round(deviations[axis + 2]));
    const side = high - low;
    const center = round((low + high) / 2 + round(side * move));
    const change = Math.exp(Math.min(Math.max(growth, -limit), limit));
    const reach = round(side * round(change)) / 2;
    return [round(center - reach), round(center + reach)];
  };
  return (anchor) => {
    const [x1, x2] = alongAxis(anchor, 0);
    const [y1, y2] = alongAxis(anchor, 1);
    return [x1, y1, x2, y2];
  };
}

/** `sum_i i * softmax(z)_i` of the `bins` logits that start at `start`. */
function meanOfDistribution(
  logits: Float32Array,
  start: number,
  bins: number,
): number {
  let largest = -Infinity;
  for (let bin = 0; bin < bins; bin++) {
    largest = Math.max(largest, logits[start + bin]);
  }
  let total = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin++) {
    const mass = Math.exp(logits[start + bin] - largest);
    total += mass;
    weighted += bin * mass;
  }
  return weighted / total;
}
