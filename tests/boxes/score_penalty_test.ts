import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
import { scorePenalty } from "ldlab/boxes/score_penalty.ts";
import { assertClose } from "../golden.ts";
import { permuted, scoredBoxes } from "./scored_boxes_arbitrary.ts";

// The golden cases are in suppress_golden_test.ts.

// IoU 0.5; centres 1 apart, c² = 32.
const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]);
const scores = new Float32Array([0.9, 0.8]);

Deno.test("scorePenalty() lowers by the overlap, less where boxes are far apart", () => {
  const second = (options?: Parameters<typeof scorePenalty>[3]) =>
    scorePenalty(boxes, scores, new Int32Array([0]), options)[1];
  const penalty = Math.exp(-0.25 / 0.2);
  const distance = (1 / 32) ** 0.6;
  assertClose(
    [
      second(),
      second({ sigma: 0.4 }),
      second({ distanceExponent: 0.6 }),
      second({ distanceExponent: 0.01 }), // would be raised
      second({ labels: new Int32Array([0, 1]) }),
    ],
    [penalty, Math.exp(-0.25 / 0.4), penalty + distance, 1, 1]
      .map((factor) => 0.8 * factor),
    { absolute: 1e-6 },
  );
});

Deno.test("scorePenalty() lowers by kept boxes only, and none by worse ones", () => {
  const kept = new Int32Array([1]);
  assert.deepEqual(scorePenalty(boxes, scores, kept), scores);
});

Deno.test("scorePenalty() raises no score, leaves the kept without overlap, and has no order", () => {
  fc.assert(fc.property(
    scoredBoxes(),
    fc.integer(),
    fc.constantFrom(undefined, 0.6),
    (one, seed, distanceExponent) => {
      const lower = ({ boxes, scores, labels }: typeof one) => {
        const kept = clusterNms(boxes, scores, { iouThreshold: 0, labels });
        const options = { distanceExponent, labels };
        return { kept, lowered: scorePenalty(boxes, scores, kept, options) };
      };
      const { kept, lowered } = lower(one);
      lowered.forEach((score, i) => assert.ok(score <= one.scores[i]));
      kept.forEach((i) => assert.equal(lowered[i], one.scores[i]));
      const other = permuted(one, seed);
      assertClose(
        lower(other).lowered,
        other.order.map((i) => lowered[i]),
        { relative: 1e-6 },
      );
    },
  ));
});

Deno.test("scorePenalty() takes no box and boxes without area", () => {
  const none = new Float32Array(0);
  assert.equal(scorePenalty(none, none, new Int32Array(0)).length, 0);
  const line = new Float32Array([1, 1, 1, 5, 1, 1, 1, 5]);
  assert.deepEqual(scorePenalty(line, scores, new Int32Array([0])), scores);
});

Deno.test("scorePenalty() rejects arguments that do not fit", () => {
  const kept = new Int32Array([0]);
  assert.throws(
    () => scorePenalty(boxes, new Float32Array(3), kept),
    TypeError,
  );
  assert.throws(
    () => scorePenalty(boxes, scores, kept, { sigma: 0 }),
    RangeError,
  );
  assert.throws(
    () => scorePenalty(boxes, scores, kept, { distanceExponent: -1 }),
    RangeError,
  );
});
