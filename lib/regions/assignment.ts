import type { Anchors } from "../boxes/anchors.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";

/** Which ground-truth box each anchor learns, if any. */
export interface Assignment {
  /** `[A]`: class of the box; `numClasses` where there is none. */
  readonly labels: Int32Array;
  /**
   * `[A]`: 1 where the class is learnt, 0 where an anchor is neither positive
   * nor background: in padding, on an ignored box, between two thresholds.
   */
  readonly labelWeights: Float32Array;
  /** `[A]`: index of the box, -1 where there is none. */
  readonly gtIndex: Int32Array;
  /** `[A, 4]`: x1, y1, x2, y2 of the box in pixels, zeros where there is none. */
  readonly boxTargets: Float32Array;
  /** Anchors that learn a box. */
  readonly positives: number;
}

/**
 * Puts together what anchors learn, given the box of each; the last step of
 * every assigner.
 *
 * Use it for an assigner of your own: main region, losses and the VLR of
 * RetinaNet and FCOS take any `Assignment`.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input.
 * @param options.gtIndex `[A]`: index of each anchor's box, -1 for none.
 * @param options.numClasses Classes; the label of background.
 * @param options.takesPart `[A]`: 0 for anchors that are no background either;
 * those with a box always learn it. All take part by default.
 * @returns The assignment.
 * @throws {TypeError} If `gtIndex` or `takesPart` and the anchors, or boxes and
 * labels, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses) or an index is of no box.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignBoxes } from "ldlab/regions/assignment.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8] });
 * const gt = { boxes: new Float32Array([4, 0, 12, 8]), labels: new Int32Array([2]) };
 * const gtIndex = new Int32Array([-1, 0, -1]);
 * const { labels, positives } = assignBoxes(anchors, gt, { gtIndex, numClasses: 5 });
 * assert.deepEqual([...labels], [5, 2, 5]);
 * assert.equal(positives, 1);
 * ```
 */
export function assignBoxes(
  anchors: Anchors,
  gt: GroundTruth,
  { gtIndex, numClasses, takesPart }: {
    gtIndex: Int32Array;
    numClasses: number;
    takesPart?: Uint8Array;
  },
): Assignment {
  requireFit("assign boxes", anchors, gt);
  for (const label of gt.labels) {
    if (!(label >= 0 && label < numClasses)) {
      throw new RangeError(
        `Cannot assign boxes: labels must be in [0, ${numClasses}): current ` +
          `value is ${label}`,
      );
    }
  }
  for (const [what, array] of Object.entries({ gtIndex, takesPart })) {
    if (array && array.length !== anchors.count) {
      throw new TypeError(
        `Cannot assign boxes: ${what} must have ${anchors.count} entries, one ` +
          `for each anchor: current length is ${array.length}`,
      );
    }
  }
  const labels = new Int32Array(anchors.count).fill(numClasses);
  const labelWeights = new Float32Array(anchors.count).fill(1);
  const boxTargets = new Float32Array(anchors.count * 4);
  let positives = 0;
  for (const [anchor, box] of gtIndex.entries()) {
    if (box >= gt.labels.length) {
      throw new RangeError(
        `Cannot assign boxes: gtIndex must be below ${gt.labels.length}, the ` +
          `number of boxes: current value of anchor ${anchor} is ${box}`,
      );
    }
    if (box < 0) {
      labelWeights[anchor] = takesPart?.[anchor] ?? 1;
      continue;
    }
    labels[anchor] = gt.labels[box];
    boxTargets.set(gt.boxes.subarray(box * 4, box * 4 + 4), anchor * 4);
    positives++;
  }
  return { labels, labelWeights, gtIndex, boxTargets, positives };
}
