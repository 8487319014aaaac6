import assert from "node:assert/strict";
import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
import { scorePenalty } from "ldlab/boxes/score_penalty.ts";
import { scoreVoting } from "ldlab/boxes/score_voting.ts";
import {
  type ScoredBoxes,
  suppress,
  type Suppression,
} from "ldlab/boxes/suppress.ts";
import {
  assertClose,
  type GoldenCase,
  goldenCases,
  type GoldenTensor,
} from "../golden.ts";

// tests/golden/cluster_nms.json: Zzh-tju/CIoU `Detect`. Its `cc_` functions take
// each box's best class and are class-agnostic. The others drop scores up to
// 0.01, as all SPM does, and keep the 100 best.
const ways: Record<string, Suppression> = {
  fast_nms: { kind: "clusterNms", iterations: 1 },
  cluster_nms: { kind: "clusterNms" },
  cluster_diounms: { kind: "clusterNms", measure: "diou" },
  cluster_SPM_nms: { kind: "scorePenaltyNms" },
  cluster_SPM_dist_nms: { kind: "scorePenaltyNms", distanceExponent: 0.6 },
  cluster_SPM_dist_weighted_nms: {
    kind: "scorePenaltyNms",
    distanceExponent: 0.6,
    mergeAbove: 0.8,
  },
};
const cases = await goldenCases(
  "cluster_nms",
  ({ name }) => !name.startsWith("pairwise"),
);

for (const { name, inputs, params, outputs } of cases) {
  const way = name.replace(/^cc_/, "").replace(/_[^_]+$/, "");
  Deno.test(`suppress() equals the reference when case is ${name}`, () => {
    const { boxes, scores, labels } = name.startsWith("cc_")
      ? bestClasses(inputs)
      : everyClass(inputs);
    const options = { iouThreshold: params.iou_threshold };
    const found = name.endsWith("80cls")
      ? weightedPerClass({ boxes, scores, labels }, params.iou_threshold)
      : suppress({ boxes, scores, labels }, {
        ...options,
        suppression: { ...ways[way], classAgnostic: name.startsWith("cc_") },
      });
    const kept = [...found.kept.keys()]
      .filter((row) => name.startsWith("cc_") || found.scores[row] > 0.01)
      .slice(0, name.startsWith("cc_") ? undefined : 100);
    // In the order of the reference: cc_ functions return the order of scores
    // before SPM.
    const count = inputs.boxes.shape[0];
    const key = (label: number, index: number) => label * count + index;
    const keys = kept.map((row) =>
      key(found.labels[row], found.kept[row] % count)
    );
    const expected: number[] = outputs.index.data.map(
      (index: number, row: number) => key(outputs.classes.data[row], index),
    );
    assert.deepEqual(keys.toSorted(), expected.toSorted());
    for (const [row, one] of kept.entries()) {
      const theirs = expected.indexOf(keys[row]);
      assertClose([found.scores[one]], [outputs.scores.data[theirs]], {
        absolute: 1e-5,
      }, "score");
      assertClose(
        found.boxes.subarray(one * 4, one * 4 + 4),
        outputs.boxes.data.slice(theirs * 4, theirs * 4 + 4),
        { absolute: 1e-4 },
        "box",
      );
    }
  });
}

/** Each box once for each class. */
function everyClass({ boxes, scores }: GoldenCase["inputs"]): ScoredBoxes {
  const [classes, count] = scores.shape;
  return {
    boxes: Float32Array.from(
      { length: classes * boxes.data.length },
      (_, i) => boxes.data[i % boxes.data.length],
    ),
    scores: new Float32Array(scores.data),
    labels: Int32Array.from(scores.data, (_, i) => Math.floor(i / count)),
  };
}

/** Each box with its best class. */
function bestClasses(
  { boxes, scores }: { boxes: GoldenTensor; scores: GoldenTensor },
): ScoredBoxes {
  const [classes, count] = scores.shape;
  const labels = Int32Array.from({ length: count }, (_, box) => {
    const of = (label: number) => scores.data[label * count + box];
    return [...Array(classes).keys()]
      .reduce((best, label) => of(label) > of(best) ? label : best);
  });
  return {
    boxes: new Float32Array(boxes.data),
    scores: Float32Array.from(
      labels,
      (label, box) => scores.data[label * count + box],
    ),
    labels,
  };
}

/**
 * The reference's per-class form: not only the boxes that Cluster-NMS keeps move,
 * and each row's weights are times its own score, which cancels.
 */
function weightedPerClass(
  { boxes, scores, labels }: ScoredBoxes,
  iouThreshold: number,
): ReturnType<typeof suppress> {
  const best = clusterNms(boxes, scores, { iouThreshold, labels });
  const lowered = scorePenalty(boxes, scores, best, {
    distanceExponent: 0.6,
    labels,
  });
  const kept = Int32Array.from(scores.keys())
    .filter((index) => lowered[index] > 0.01)
    .sort((a, b) => lowered[b] - lowered[a]);
  return {
    kept,
    boxes: scoreVoting(boxes, scores, kept, {
      measure: "iou",
      voteThreshold: 0.8,
      weight: "overlap",
      votes: new Float32Array(scores.length).fill(1),
      labels,
    }),
    scores: Float32Array.from(kept, (index) => lowered[index]),
    labels: kept.map((index) => labels[index]),
  };
}
