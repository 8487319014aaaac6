// B images, A locations of all levels, C classes, L levels, R rows that share
// their boxes (a level's, or an image's on a level), M cells of a row.
import * as tf from "@tensorflow/tfjs-core";
import type { AnchorLevel, Anchors } from "../boxes/anchors.ts";
import { requireLastDimension, shapeError } from "../boxes/shape_guard.ts";
import { GI_DEFAULTS, type GiOptions, requireGiOptions } from "./gi_options.ts";

/** What a network says, as `giRegion` compares it. */
export interface GiPrediction {
  /** [B, A, C]. */
  readonly classLogits: tf.Tensor3D;
  /** [B, A, 4]: x1, y1, x2, y2, one unit on each level. */
  readonly boxes: tf.Tensor3D;
}

/**
 * The general instances (GI): the locations where student and teacher differ
 * most, far enough apart from each other.
 *
 * Use it inside a step for GI imitation, or for any loss on what a student has
 * yet to learn. At each location, with σ the sigmoid,
 *
 *     score = max_c |σ(teacher_c) − σ(student_c)|
 *     box   = the teacher's if it is the surer of that class (ties too), else the
 *             student's
 *
 * and on each level, whatever the classes: greedy NMS over the boxes by falling
 * score, of which the first `topk` stay. Equal scores, as of a student that
 * equals its teacher, go by the lower image and then the lower location, so
 * there the region is the first boxes that do not overlap.
 *
 * Released code and ours differ in `suppression`:
 * - `batch`, the default, as released: the images of a batch are one list, so
 *   boxes of different images suppress each other although they lie in
 *   different pictures, and share the `topk` of a level. What an image learns
 *   depends on its neighbours in the batch.
 * - `image`, ours: each image by itself, as the paper describes. A batch of one
 *   is the same under both.
 *
 * In the padding of a batch the released head's anchors are all 0, so that it
 * has the boxes of those locations around the origin, where they suppress others.
 * Here every location has its own place.
 *
 * Of general instance distillation the LD repository takes this selection and the
 * loss on features, which it compares at the picked location alone; the original
 * compares what RoIAlign pools from the box, and relations and responses besides.
 *
 * The picks are unrolled, `topk` rounds for all levels at once, of element-wise
 * operations and reductions only: shapes are fixed, so that a step can be
 * compiled, and every backend breaks ties alike (WebGPU's argMax does not take
 * the lowest index).
 *
 * @param input.student What the student predicts, finite.
 * @param input.teacher The teacher's, of the same shapes.
 * @param input.anchors Anchors of all levels, A in all.
 * @param options See `GiOptions`.
 * @returns [B, A]: 1 at the picks, 0 elsewhere. No gradient goes through it.
 * @throws {TypeError} If shapes do not fit together.
 * @throws {RangeError} If `topk` is not a whole number from 1, the threshold not
 * in [0, 1] or `suppression` unknown.
 * @see Dai et al., General Instance Distillation for Object Detection,
 * https://arxiv.org/abs/2103.02340, section 3.1; the LD repository's
 * `LDHead.get_gi_region` at 4287990c.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { giRegion } from "ldlab/regions/gi.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8] });
 * const boxes = tf.tensor3d([0, 0, 9, 9, 1, 0, 10, 9, 20, 0, 29, 9], [1, 3, 4]);
 * const student = { classLogits: tf.zeros<tf.Rank.R3>([1, 3, 1]), boxes };
 * const teacher = { classLogits: tf.tensor3d([1, 2, 0.5], [1, 3, 1]), boxes };
 * // The second is surest and suppresses the first.
 * assert.deepEqual([...await giRegion({ student, teacher, anchors }).data()], [0, 1, 1]);
 * ```
 */
export function giRegion(
  { student, teacher, anchors }: {
    student: GiPrediction;
    teacher: GiPrediction;
    anchors: Anchors;
  },
  {
    topk = GI_DEFAULTS.topk,
    iouThreshold = GI_DEFAULTS.iouThreshold,
    suppression = GI_DEFAULTS.suppression,
  }: GiOptions = {},
): tf.Tensor2D {
  requirePredictions(student, teacher, anchors);
  requireGiOptions({ topk, iouThreshold, suppression });
  const { levels, count } = anchors;
  const [images] = student.classLogits.shape;
  if (images === 0) return tf.zeros([0, count]); // slices of nothing fail
  const rowsOfLevel = suppression === "batch" ? 1 : images;
  const perRow = ({ count }: AnchorLevel) => count * images / rowsOfLevel;
  const width = Math.max(...levels.map(perRow)); // M
  // Nothing of this is recorded, so no gradient is looked for.
  return tf.customGrad(() => {
    const { score, box } = scoredBoxes(student, teacher);
    const scored = tf.concat([score, box], -1); // [B, A, 5]
    const rows = tf.concat(levels.map((level) => {
      const part = tf.slice(scored, [0, level.start, 0], [-1, level.count, -1]);
      const size = perRow(level);
      const row = tf.reshape(part, [rowsOfLevel, size, 5]);
      return tf.pad(row, [[0, 0], [0, width - size], [0, 0]], PADDING);
    })); // [R, M, 5]
    const [scores, ...sides] = tf.split(rows, 5, -1)
      .map((column) => tf.squeeze<tf.Tensor2D>(column, [-1])); // [R, M] each
    const picks = greedyPicks(scores, sides, topk, iouThreshold);
    const value = tf.concat(
      levels.map((level, index) => {
        const start = [index * rowsOfLevel, 0];
        const row = tf.slice(picks, start, [rowsOfLevel, perRow(level)]);
        return tf.reshape(row, [images, level.count]);
      }),
      1,
    );
    return { value: tf.reshape(value, [images, count]), gradFunc: () => [] };
  })() as tf.Tensor2D;
}

/** The score of cells that fill a row up; those of real ones are not negative. */
const PADDING = -1;

/** [B, A, 1] GI scores and [B, A, 4] boxes of whoever is surer. */
function scoredBoxes(student: GiPrediction, teacher: GiPrediction) {
  const difference = tf.sub(
    tf.sigmoid(teacher.classLogits),
    tf.sigmoid(student.classLogits),
  );
  const size = tf.abs(difference);
  const score = tf.max(size, -1, true);
  const at = firstTrue(tf.equal(size, score));
  const ofClass = tf.sum(tf.where(at, difference, 0), -1, true);
  const box = tf.where(
    tf.greaterEqual(ofClass, 0),
    teacher.boxes,
    student.boxes,
  );
  return { score, box };
}

/** [R, M] 1 at the picks of greedy NMS in each row, 0 elsewhere. */
function greedyPicks(
  scores: tf.Tensor2D,
  sides: tf.Tensor[],
  topk: number,
  iouThreshold: number,
): tf.Tensor2D {
  const area = areaOf(sides);
  let open = tf.greaterEqual(scores, 0);
  let picks = tf.zerosLike(scores);
  for (let pick = 0; pick < Math.min(topk, scores.shape[1]); pick++) {
    const left = tf.where(open, scores, PADDING);
    const highest = tf.max(left, 1, true);
    const at = firstTrue(tf.logicalAnd(open, tf.equal(left, highest)));
    picks = tf.where(at, 1, picks);
    const of = (column: tf.Tensor) => tf.sum(tf.where(at, column, 0), 1, true); // [R, 1]
    const common = areaOf([
      tf.maximum(of(sides[0]), sides[0]),
      tf.maximum(of(sides[1]), sides[1]),
      tf.minimum(of(sides[2]), sides[2]),
      tf.minimum(of(sides[3]), sides[3]),
    ]);
    const union = tf.sub(tf.add(of(area), area), common);
    // Boxes without area suppress none.
    const iou = tf.div(common, tf.where(tf.greater(union, 0), union, 1));
    const apart = tf.logicalNot(
      tf.logicalOr(at, tf.greater(iou, iouThreshold)),
    );
    open = tf.logicalAnd(open, apart);
  }
  return picks;
}

/** True at the first true value of the last axis only. */
function firstTrue(mask: tf.Tensor): tf.Tensor {
  const size = mask.shape.at(-1)!;
  const index = tf.range(0, size);
  const lowest = tf.min(tf.where(mask, index, size), -1, true);
  return tf.equal(index, lowest);
}

function areaOf([x1, y1, x2, y2]: tf.Tensor[]): tf.Tensor {
  return tf.mul(
    tf.maximum(tf.sub(x2, x1), 0),
    tf.maximum(tf.sub(y2, y1), 0),
  );
}

function requirePredictions(
  student: GiPrediction,
  teacher: GiPrediction,
  { count }: Anchors,
): void {
  const task = "select GI boxes";
  const [images, , classes] = student.classLogits.shape;
  requireLastDimension(task, "class logits", student.classLogits);
  for (
    const [who, { classLogits, boxes }] of Object.entries({ student, teacher })
  ) {
    for (
      const [what, tensor, size] of [
        ["class logits", classLogits, classes],
        ["boxes", boxes, 4],
      ] as const
    ) {
      if (`${tensor.shape}` !== `${[images, count, size]}`) {
        throw shapeError(
          task,
          `the ${who}'s ${what}`,
          `[${images}, ${count}, ${size}]`,
          tensor,
        );
      }
    }
  }
}
