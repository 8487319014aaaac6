import type { Anchors } from "../boxes/anchors.ts";
import { requireLimit } from "../boxes/scored_boxes.ts";
import { suppress, type Suppression } from "../boxes/suppress.ts";
import type { Detections } from "./detections.ts";

const round = Math.fround;

/** Which of a detector's boxes are detections; the defaults are MMDetection's. */
export interface DecodeOptions {
  /** Scores must be above it; 0.05 by default. */
  readonly scoreThreshold?: number;
  /** (anchor, class) pairs a level before suppression, 0 or more; 1000 by default. */
  readonly preNms?: number;
  /** IoU above which a box is suppressed; 0.6 by default. */
  readonly iouThreshold?: number;
  /** How boxes are suppressed; `{ kind: "nms" }`, per class, by default. */
  readonly suppression?: Suppression;
  /** Detections an image; 100 by default. */
  readonly limit?: number;
  /**
   * Sides must be above it, in original pixels; 0 by default, which drops empty
   * boxes.
   */
  readonly minBoxSize?: number;
}

/**
 * Turns what a GFL detector says about one image into detections.
 *
 * Use it after a forward pass, on the image's logits read back from the
 * tensors. At each level the (anchor, class) pairs whose sigmoid score exceeds
 * `scoreThreshold` are cut to the best `preNms`. The distance of each side is
 * the mean of its distribution in strides,
 *
 *     d = stride * sum_i i * softmax(z)_i
 *
 * and the box reaches that far from the anchor's centre to the left, top,
 * right and bottom. Boxes are clipped to the image, brought to the scale of the
 * original image, dropped where a side is not above `minBoxSize`, suppressed as
 * `suppression` says (class by class, unless it says otherwise) and cut to `limit`.
 * Where a logit is NaN there is no detection.
 *
 * @param options Thresholds, suppression and limits: {@linkcode DecodeOptions}.
 * @param options.classLogits `[A, C]`; C follows from the length.
 * @param options.boxLogits `[A, 4, n]`, sides left, top, right, bottom; the
 * number of bins n follows from the length.
 * @param options.anchors Anchors of the network input.
 * @param options.imageSize Size of the image in the network input in pixels,
 * without padding.
 * @param options.scale Pixels of the network input for a pixel of the original
 * image in x and y; `[1, 1]` by default.
 * @returns At most `limit` detections, boxes in pixels of the original image.
 * @throws {TypeError} If a length does not fit the number of anchors.
 * @throws {RangeError} If a scale, the IoU threshold, `preNms`, `limit` or an
 * option of the suppression makes no sense.
 * @see MMDetection 3.3.0 `GFLHead.predict_by_feat` with MMCV's NMS. Equal
 * scores come in the order of anchors and classes. The LD repository's
 * `voting_cluster_diounms` is `{ kind: "votingClusterDiouNms" }`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { decodeDetections } from "ldlab/eval/decode_detections.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8] });
 * const certain = [-99, 0, -99]; // all on the bin of one stride
 * const { boxes, labels } = decodeDetections({
 *   classLogits: new Float32Array([-9, -9, -9, 2, -9, -9]), // 3 anchors, 2 classes
 *   boxLogits: new Float32Array(Array(12).fill(certain).flat()),
 *   anchors,
 *   imageSize: { height: 8, width: 24 },
 *   scale: [0.5, 0.5],
 * });
 * assert.deepEqual([...labels], [1]);
 * assert.deepEqual([...boxes], [0, 0, 32, 16]); // (0, -8, 16, 8) clipped, doubled
 * ```
 */
export function decodeDetections(
  {
    classLogits,
    boxLogits,
    anchors,
    imageSize,
    scale = [1, 1],
    scoreThreshold = 0.05,
    preNms = 1000,
    iouThreshold = 0.6,
    suppression = { kind: "nms" },
    limit = 100,
    minBoxSize = 0,
  }: {
    classLogits: Float32Array;
    boxLogits: Float32Array;
    anchors: Anchors;
    imageSize: { height: number; width: number };
    scale?: readonly [number, number];
  } & DecodeOptions,
): Detections {
  const classes = classLogits.length / anchors.count;
  const bins = boxLogits.length / anchors.count / 4;
  const whole = (size: number) => Number.isInteger(size) && size > 0;
  if (!whole(classes) || !whole(bins)) {
    throw new TypeError(
      `Cannot decode detections: logits must be [${anchors.count}, C] and ` +
        `[${anchors.count}, 4, n]: current lengths are ` +
        `${classLogits.length} and ${boxLogits.length}`,
    );
  }
  if (!(scale[0] > 0 && scale[1] > 0)) {
    throw new RangeError(
      "Cannot decode detections: scale must be positive: current value is " +
        `[${scale}]`,
    );
  }
  requireLimit(preNms, "preNms");
  const toOriginal = [round(1 / scale[0]), round(1 / scale[1])];
  const reach = [imageSize.width, imageSize.height];
  const boxes: number[] = [];
  const scores: number[] = [];
  const labels: number[] = [];
  for (const level of anchors.levels) {
    const pairs = bestPairs(classLogits, {
      from: level.start * classes,
      to: (level.start + level.count) * classes,
      threshold: round(scoreThreshold),
      limit: preNms,
    });
    for (const { pair, score } of pairs) {
      const anchor = Math.floor(pair / classes);
      const box = [0, 1, 2, 3].map((side) => {
        const axis = side % 2;
        const logits = (anchor * 4 + side) * bins;
        const distance = round(
          meanOfDistribution(boxLogits, logits, bins) * level.stride,
        );
        const center = anchors.centers[anchor * 2 + axis];
        const edge = side < 2 ? center - distance : center + distance;
        const clipped = Math.min(Math.max(round(edge), 0), reach[axis]);
        return round(clipped * toOriginal[axis]);
      });
      const large = box[2] - box[0] > minBoxSize &&
        box[3] - box[1] > minBoxSize;
      if (!large) continue;
      boxes.push(...box);
      scores.push(score);
      labels.push(pair % classes);
    }
  }
  const candidates = {
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    labels: Int32Array.from(labels),
  };
  const kept = suppress(candidates, { iouThreshold, limit, suppression });
  return { boxes: kept.boxes, scores: kept.scores, labels: kept.labels };
}

/** The (anchor, class) pairs of a level with the best scores above a threshold. */
function bestPairs(
  classLogits: Float32Array,
  { from, to, threshold, limit }: {
    from: number;
    to: number;
    threshold: number;
    limit: number;
  },
): { pair: number; score: number }[] {
  const pairs: { pair: number; score: number }[] = [];
  for (let pair = from; pair < to; pair++) {
    const score = round(1 / (1 + Math.exp(-classLogits[pair])));
    if (score > threshold) pairs.push({ pair, score });
  }
  return pairs.sort((a, b) => b.score - a.score).slice(0, limit);
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
