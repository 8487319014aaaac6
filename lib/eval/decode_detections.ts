import type { Anchors } from "../boxes/anchors.ts";
import { requireLimit } from "../boxes/scored_boxes.ts";
import { suppress, type Suppression } from "../boxes/suppress.ts";
import { boxFormOf } from "../detectors/box_form.ts";
import type { DetectorKind } from "../detectors/detector_config.ts";
import { bestPairs, sigmoid } from "./best_pairs.ts";
import { openBoxes } from "./box_decoder.ts";
import type { Detections } from "./detections.ts";

const round = Math.fround;

/** Which of a detector's boxes are detections; the defaults are MMDetection's. */
export interface DecodeOptions {
  /** Scores (of ATSS and FCOS: before centre-ness) must be above it; 0.05 by default. */
  readonly scoreThreshold?: number;
  /** (anchor, class) pairs a level before suppression, 0 or more; 1000 by default. */
  readonly preNms?: number;
  /**
   * IoU above which a box is suppressed; 0.6 by default, 0.5 for RetinaNet whose
   * boxes are deltas.
   */
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

/** What a detector says about one image, before any decoding. */
export interface ImageLogits {
  /** `[A, C]`. */
  readonly classLogits: Float32Array;
  /** `[A, 4, n]`, sides left, top, right, bottom; or, where n is 1, of what kind the detector is. */
  readonly boxLogits: Float32Array;
  /** `[A]`: logits of how central a location is, of ATSS and FCOS. */
  readonly centerness?: Float32Array;
  /** `[A, C]`: scores in [0, 1], of GFLv2. */
  readonly scores?: Float32Array;
}

/** Where one image lies in the input of a detector. */
export interface ImagePlace {
  /** Anchors of the network input. */
  readonly anchors: Anchors;
  /** Size of the image in the network input in pixels, without padding. */
  readonly imageSize: { readonly height: number; readonly width: number };
  /**
   * Pixels of the network input for a pixel of the original image in x and y;
   * `[1, 1]` by default.
   */
  readonly scale?: readonly [number, number];
  /**
   * `[A]`: 0 for anchors that take no part: `validAnchors` of the image's own
   * padded size where a batch is padded further. All do by default.
   */
  readonly valid?: Uint8Array;
}

/**
 * Turns what a detector says about one image into detections.
 *
 * Use it after a forward pass, on the image's logits read back from the tensors.
 * At each level the (anchor, class) pairs whose score exceeds `scoreThreshold` are
 * cut to the best `preNms`. The score is the sigmoid of the class logit, or what
 * GFLv2 gives as `scores`. What a box is follows from the kind and n. From n bins
 * above 1, the distance of each side is the mean of its distribution in strides,
 *
 *     d = stride * sum_i i * softmax(z)_i
 *
 * and the box reaches that far from the anchor's centre to the left, top, right
 * and bottom. With n = 1, FCOS gives d / stride itself, and ATSS (with deviations
 * 0.1, 0.1, 0.2, 0.2) and RetinaNet (1) give deltas, as `deltasToBox` takes them.
 *
 * Boxes are clipped to the image and brought to the scale of the original image.
 * Scores of ATSS and FCOS are multiplied by the sigmoid of the centre-ness. Boxes
 * are dropped where a side is not above `minBoxSize`, suppressed as `suppression`
 * says (class by class, unless it says otherwise) and cut to `limit`. Where a logit
 * is NaN there is no detection.
 *
 * @param options Thresholds, suppression and limits: {@linkcode DecodeOptions}.
 * @param options.kind The detector's kind; `gfl` by default.
 * @param options.classLogits `[A, C]`; C follows from the length.
 * @param options.boxLogits `[A, 4, n]`, sides left, top, right, bottom, or deltas
 * dx, dy, dw, dh; n follows from the length.
 * @param options.centerness `[A]`, logits; of ATSS and FCOS.
 * @param options.scores `[A, C]`, in [0, 1]; of GFLv2.
 * @param options.anchors Anchors of the network input, `anchorsOf` the detector.
 * @param options.imageSize Size of the image in the network input in pixels,
 * without padding.
 * @param options.scale Pixels of the network input for a pixel of the original
 * image in x and y; `[1, 1]` by default.
 * @param options.valid `[A]`: 0 for anchors that take no part; all do by default.
 * @returns At most `limit` detections, boxes in pixels of the original image.
 * @throws {TypeError} If a length does not fit the number of anchors, or the kind
 * lacks an output or has one too many.
 * @throws {RangeError} If a scale, the IoU threshold, `preNms`, `limit` or an
 * option of the suppression makes no sense.
 * @see MMDetection 3.3.0 `predict_by_feat` of each head with MMCV's NMS. Equal
 * scores come in the order of anchors and classes. MMDetection 2, on which the LD
 * repository stands, cuts a level to `nms_pre` anchors by their largest class
 * score, times centre-ness for ATSS and FCOS; MMDetection 3 cuts (anchor, class)
 * pairs by class scores alone. The LD repository's `voting_cluster_diounms` is
 * `{ kind: "votingClusterDiouNms" }`; its RetinaNet with distributions and both its
 * and MMDetection's FCOS with normalised boxes suppress above 0.6.
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
    kind = "gfl",
    classLogits,
    boxLogits,
    centerness,
    scores,
    anchors,
    imageSize,
    scale = [1, 1],
    valid,
    scoreThreshold = 0.05,
    preNms = 1000,
    iouThreshold,
    suppression = { kind: "nms" },
    limit = 100,
    minBoxSize = 0,
  }: { kind?: DetectorKind } & ImageLogits & ImagePlace & DecodeOptions,
): Detections {
  const classes = classLogits.length / anchors.count;
  const numbers = boxLogits.length / anchors.count / 4;
  requireOutputs(kind, { centerness, scores });
  const whole = (size: number) => Number.isInteger(size) && size > 0;
  if (!whole(classes) || !whole(numbers)) {
    throw new TypeError(
      `Cannot decode detections: logits must be [${anchors.count}, C] and ` +
        `[${anchors.count}, 4, n]: current lengths are ` +
        `${classLogits.length} and ${boxLogits.length}`,
    );
  }
  requireLength("centerness", centerness, anchors.count);
  requireLength("scores", scores, classLogits.length);
  requireLength("valid", valid, anchors.count);
  if (!(scale[0] > 0 && scale[1] > 0)) {
    throw new RangeError(
      "Cannot decode detections: scale must be positive: current value is " +
        `[${scale}]`,
    );
  }
  requireLimit(preNms, "preNms");
  const form = boxFormOf(kind, numbers);
  const boxOf = openBoxes(form, boxLogits, anchors);
  const toOriginal = [round(1 / scale[0]), round(1 / scale[1])];
  const reach = [imageSize.width, imageSize.height];
  const found = {
    boxes: [] as number[],
    scores: [] as number[],
    labels: [] as number[],
  };
  for (const level of anchors.levels) {
    const pairs = bestPairs(scores ?? classLogits, {
      are: scores ? "scores" : "logits",
      classes,
      level,
      threshold: scoreThreshold,
      limit: preNms,
      valid,
    });
    for (const { pair, score } of pairs) {
      const anchor = Math.floor(pair / classes);
      const factor = centerness ? sigmoid(centerness[anchor]) : 1;
      if (Number.isNaN(factor)) continue;
      const box = boxOf(anchor).map((edge, side) => {
        const clipped = Math.min(Math.max(edge, 0), reach[side % 2]);
        return round(clipped * toOriginal[side % 2]);
      });
      const large = box[2] - box[0] > minBoxSize &&
        box[3] - box[1] > minBoxSize;
      if (!large) continue;
      found.boxes.push(...box);
      found.scores.push(round(score * factor));
      found.labels.push(pair % classes);
    }
  }
  const candidates = {
    boxes: Float32Array.from(found.boxes),
    scores: Float32Array.from(found.scores),
    labels: Int32Array.from(found.labels),
  };
  const kept = suppress(candidates, {
    iouThreshold: iouThreshold ??
      (form.kind === "deltas" && kind === "retina" ? 0.5 : 0.6),
    limit,
    suppression,
  });
  return { boxes: kept.boxes, scores: kept.scores, labels: kept.labels };
}

/** Refuses outputs that are of another kind of detector. */
function requireOutputs(
  kind: DetectorKind,
  given: { centerness?: Float32Array; scores?: Float32Array },
): void {
  const has = {
    centerness: kind === "atss" || kind === "fcos",
    scores: kind === "gflV2",
  };
  for (const name of ["centerness", "scores"] as const) {
    if ((given[name] !== undefined) === has[name]) continue;
    throw new TypeError(
      `Cannot decode detections: a detector of kind ${kind} ` +
        (has[name]
          ? `has ${name}: none is given`
          : `has no ${name}: it is given`),
    );
  }
}

function requireLength(
  what: string,
  values: ArrayLike<number> | undefined,
  length: number,
): void {
  if (values === undefined || values.length === length) return;
  throw new TypeError(
    `Cannot decode detections: ${what} must have ${length} values: current ` +
      `length is ${values.length}`,
  );
}
