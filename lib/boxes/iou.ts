/**
 * Overlap of boxes in pairs, as tensors that carry gradients. For all pairs of
 * two sets on the host, without gradients, see overlaps.ts.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  areaOf,
  BOX_EPSILON,
  centerDistance,
  pairOverlap,
  requireBoxPairs,
} from "./box_pair.ts";

/**
 * Intersection over union of boxes in pairs. Use it as a quality (QFL's target)
 * rather than a loss: boxes apart get no gradient.
 *
 * IoU = |A ∩ B| / max(|A ∪ B|, 1e-6)
 *
 * @param a Boxes [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param b Boxes of the shape and unit of `a`.
 * @returns [...], in [0, 1]. Gradients reach both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see MMDetection 3.3.0 `bbox_overlaps(mode="iou", is_aligned=True)`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { alignedIou } from "ldlab/boxes/iou.ts";
 *
 * const a = tf.tensor2d([[0, 0, 2, 2]]);
 * const b = tf.tensor2d([[1, 0, 3, 2]]);
 * const [iou] = await alignedIou(a, b).data();
 * assert.ok(Math.abs(iou - 1 / 3) < 1e-6);
 * ```
 */
export function alignedIou(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  requireBoxPairs("IoU", a, b);
  return tf.tidy(() => {
    const { intersection, union } = pairOverlap(a, b);
    return tf.div(intersection, tf.maximum(union, BOX_EPSILON));
  });
}

/**
 * Generalized intersection over union of boxes in pairs: IoU less the share of
 * the enclosing box that neither covers. Unlike IoU it pulls boxes apart together.
 *
 * GIoU = IoU − (|C| − |A ∪ B|) / |C|, C the smallest box around A and B;
 * |A ∪ B| and |C| are at least 1e-6.
 *
 * @param a Boxes [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param b Boxes of the shape and unit of `a`.
 * @returns [...], in (−1, 1]. Gradients reach both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Rezatofighi et al., Generalized Intersection over Union, CVPR 2019,
 * algorithm 1; MMDetection 3.3.0 `bbox_overlaps(mode="giou", is_aligned=True)`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { alignedGiou } from "ldlab/boxes/iou.ts";
 *
 * // Two unit squares one apart: IoU 0, a third of the enclosing box is bare.
 * const a = tf.tensor2d([[0, 0, 1, 1]]);
 * const b = tf.tensor2d([[2, 0, 3, 1]]);
 * const [giou] = await alignedGiou(a, b).data();
 * assert.ok(Math.abs(giou + 1 / 3) < 1e-6);
 * ```
 */
export function alignedGiou(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  requireBoxPairs("GIoU", a, b);
  return tf.tidy(() => {
    const overlaps = pairOverlap(a, b);
    const union = tf.maximum(overlaps.union, BOX_EPSILON);
    const enclosing = tf.maximum(areaOf(overlaps.enclosing), BOX_EPSILON);
    const bare = tf.div(tf.sub(enclosing, union), enclosing);
    return tf.sub(tf.div(overlaps.intersection, union), bare);
  });
}

/**
 * Distance intersection over union of boxes in pairs: IoU less the distance of
 * the centres. Use it where centres matter more than shapes.
 *
 * DIoU = IoU − ρ² / c², ρ the distance of the centres, c the diagonal of the
 * smallest box around both; 1e-6 is added to |A ∪ B| and c².
 *
 * What the released localization distillation code calls "diou" is another
 * measure, "diof" in overlaps.ts.
 *
 * @param a Boxes [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param b Boxes of the shape and unit of `a`.
 * @returns [...], in (−1, 1]. Gradients reach both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Zheng et al., Distance-IoU Loss, AAAI 2020, equation 7; MMDetection
 * 3.3.0 `diou_loss`, which adds its epsilon where `bbox_overlaps` takes a maximum
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { alignedDiou } from "ldlab/boxes/iou.ts";
 *
 * // Two unit squares one apart: ρ² = 4, c² = 3² + 1².
 * const a = tf.tensor2d([[0, 0, 1, 1]]);
 * const b = tf.tensor2d([[2, 0, 3, 1]]);
 * const [diou] = await alignedDiou(a, b).data();
 * assert.ok(Math.abs(diou + 0.4) < 1e-6);
 * ```
 */
export function alignedDiou(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  requireBoxPairs("DIoU", a, b);
  return tf.tidy(() => {
    const { intersection, union, enclosing } = pairOverlap(a, b);
    const iou = tf.div(intersection, tf.add(union, BOX_EPSILON));
    return tf.sub(iou, centerDistance(a, b, enclosing));
  });
}
