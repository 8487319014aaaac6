import assert from "node:assert/strict";
import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
import { multiclassNms, nms } from "ldlab/boxes/nms.ts";
import { scorePenalty } from "ldlab/boxes/score_penalty.ts";
import { scoreVoting } from "ldlab/boxes/score_voting.ts";
import { softNms } from "ldlab/boxes/soft_nms.ts";

const kept = new Int32Array([0]);
const labels = new Int32Array(2);
const iouThreshold = 0.5;
const functions: Record<string, (b: Float32Array, s: Float32Array) => unknown> =
  {
    nms: (boxes, scores) => nms(boxes, scores, iouThreshold),
    multiclassNms: (boxes, scores) =>
      multiclassNms({ boxes, scores, labels, iouThreshold }),
    softNms,
    clusterNms: (boxes, scores) => clusterNms(boxes, scores, { iouThreshold }),
    scorePenalty: (boxes, scores) => scorePenalty(boxes, scores, kept),
    scoreVoting: (boxes, scores) => scoreVoting(boxes, scores, kept),
  };

for (const [name, run] of Object.entries(functions)) {
  Deno.test(`${name}() refuses boxes that are not finite, and scores of NaN`, () => {
    const boxes = [0, 0, 4, 4, 1, 0, 5, 4];
    const scores = new Float32Array([0.5, 0.75]);
    run(new Float32Array(boxes), scores);
    for (const x of [NaN, Infinity, -Infinity]) {
      assert.throws(() => run(new Float32Array(boxes.with(6, x)), scores), {
        name: "RangeError",
        message: "Cannot suppress boxes: boxes must be finite: current box 1 " +
          `is [1, 0, ${x}, 4]`,
      });
    }
    assert.throws(() => run(new Float32Array(boxes), scores.with(1, NaN)), {
      name: "RangeError",
      message: "Cannot suppress boxes: scores must be numbers: current score " +
        "1 is NaN",
    });
  });
}
