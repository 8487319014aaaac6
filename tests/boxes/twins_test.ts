/**
 * Geometry that exists twice, on typed arrays for assignment and evaluation and
 * on tensors for losses, must agree: overlaps, and boxes read off distributions.
 */
import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { distancesToBox } from "ldlab/boxes/box_coding.ts";
import { deltasToBox } from "ldlab/boxes/delta_coding.ts";
import { integral } from "ldlab/boxes/distribution.ts";
import { alignedDiou, alignedGiou, alignedIou } from "ldlab/boxes/iou.ts";
import { pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
import { boxFormOf } from "ldlab/detectors/box_form.ts";
import { anchorsOf } from "ldlab/detectors/detector_anchors.ts";
import { openBoxes } from "ldlab/eval/box_decoder.ts";
import { decodeDetections } from "ldlab/eval/decode_detections.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

/** Numbers in [0, 1) that look random. */
function noise(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const value = Math.sin(seed + i * 12.9898) * 43758.5453;
    return value - Math.floor(value);
  });
}

/** Boxes with sides of up to 40 within 100 px. */
function boxes(count: number, seed: number): Float32Array {
  const numbers = noise(count * 4, seed);
  return Float32Array.from(numbers, (value, i) => {
    if (i % 4 < 2) return value * 60;
    return numbers[i - 2] * 60 + 1 + value * 39;
  });
}

for (
  const [measure, aligned] of [
    ["iou", alignedIou],
    ["giou", alignedGiou],
    ["diou", alignedDiou],
  ] as const
) {
  Deno.test(`pairwiseOverlaps() equals ${aligned.name}() pair by pair`, async () => {
    const count = 60;
    const [a, b] = [boxes(count, 1), boxes(count, 2)];
    const matrix = pairwiseOverlaps(a, b, measure);
    const pairs = Array.from(
      { length: count },
      (_, i) => matrix[i * count + i],
    );
    assert.ok(pairs.some((value) => value > 0.1));
    const shape = [count, 4];
    const inputs = { a: { shape, data: a }, b: { shape, data: b } };
    const run = (given: Record<string, tf.Tensor>) => aligned(given.a, given.b);
    for (const [place, { value }] of await everywhere(run, inputs)) {
      assertClose(pairs, value, { absolute: 1e-6 }, place);
    }
  });
}

Deno.test("decodeDetections() reads the boxes that integral() and distancesToBox() give", async () => {
  const anchors = makeAnchors({ height: 64, width: 96 });
  const bins = 17;
  const boxLogits = Float32Array.from(
    noise(anchors.count * 4 * bins, 3),
    (value) => 8 * value,
  );
  const classLogits = Float32Array.from(
    { length: anchors.count },
    (_, anchor) => -anchor / anchors.count, // in the order of the anchors
  );
  const { boxes } = decodeDetections({
    classLogits,
    boxLogits,
    anchors,
    imageSize: { height: 1e4, width: 1e4 },
    iouThreshold: 1,
    limit: Infinity,
  });
  const inputs = {
    logits: { shape: [anchors.count, 4, bins], data: boxLogits },
    centers: { shape: [anchors.count, 2], data: anchors.centers },
    strides: { shape: [anchors.count], data: anchors.strides },
  };
  const run = ({ centers, logits, strides }: Record<string, tf.Tensor>) =>
    distancesToBox(
      centers as tf.Tensor2D,
      integral(logits),
      strides as tf.Tensor1D,
    );
  for (const [place, { value }] of await everywhere(run, inputs)) {
    const clipped = value.map((edge) => Math.max(edge, 0));
    assertClose(boxes, clipped, { ofLargest: 1e-6, absolute: 1e-4 }, place);
  }
});

for (
  const { kind, deviations } of [
    { kind: "retina" },
    { kind: "atss", deviations: [0.1, 0.1, 0.2, 0.2] },
  ] as const
) {
  Deno.test(`openBoxes() reads the boxes that deltasToBox() gives when the detector is ${kind}`, async () => {
    const anchors = anchorsOf({ kind, numClasses: 1 }, {
      height: 64,
      width: 96,
    });
    const count = anchors.count;
    // Some beyond the largest change of a side, log(1000 / 16) = 4.1.
    const deltas = Float32Array.from(
      noise(count * 4, 5),
      (value) => 60 * (value - 0.5),
    );
    const boxOf = openBoxes(boxFormOf(kind, 1), deltas, anchors);
    const boxes = Array.from({ length: count }, (_, i) => boxOf(i)).flat();
    const inputs = {
      anchors: { shape: [count, 4], data: anchors.boxes },
      deltas: { shape: [count, 4], data: deltas },
    };
    const run = ({ anchors, deltas }: Record<string, tf.Tensor>) =>
      deltasToBox(anchors as tf.Tensor2D, deltas, { deviations });
    for (const [place, { value }] of await everywhere(run, inputs)) {
      assertClose(boxes, value, { ofLargest: 1e-6 }, place);
    }
  });
}
