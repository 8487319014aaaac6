import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, distancesToBox, integral } from "../../lib/boxes/mod.ts";
import { type GiOptions, giRegion } from "../../lib/regions/mod.ts";
import type { SelectedBox } from "../../lib/report/mod.ts";
import type { ImageOutputs } from "../test_outputs.ts";

/** What a student and its teacher say about one image. */
export interface PairOutputs {
  readonly student: ImageOutputs;
  readonly teacher: ImageOutputs;
}

/** What GI selects of an image. */
export interface GiPicks {
  /** [A]: how far the scores of student and teacher differ, in [0, 1]. */
  readonly scores: readonly number[];
  readonly selected: readonly SelectedBox[];
}

/**
 * What GI selects of an image, and whose boxes they are.
 *
 * @param outputs What student and teacher say about it.
 * @param anchors Of the network's input.
 * @param options How many boxes a level, and how far apart.
 */
export async function giPicks(
  { student, teacher }: PairOutputs,
  anchors: Anchors,
  options: GiOptions,
): Promise<GiPicks> {
  const made = tf.tidy(() => {
    const said = {
      student: predictionOf(student, anchors),
      teacher: predictionOf(teacher, anchors),
    };
    const difference = tf.sub(
      tf.sigmoid(said.teacher.classLogits),
      tf.sigmoid(said.student.classLogits),
    );
    return {
      difference,
      picks: giRegion({ ...said, anchors }, options),
      studentBoxes: said.student.boxes,
      teacherBoxes: said.teacher.boxes,
    };
  });
  const [difference, picks, studentBoxes, teacherBoxes] = await Promise.all(
    [made.difference, made.picks, made.studentBoxes, made.teacherBoxes]
      .map((tensor) => tensor.data<"float32">()),
  );
  tf.dispose(made);
  const classes = difference.length / anchors.count;
  /** The difference of the class in which the two differ most. */
  const largest = Array.from(
    { length: anchors.count },
    (_cell, location) =>
      difference.subarray(location * classes, (location + 1) * classes)
        .reduce((most, value) =>
          Math.abs(value) > Math.abs(most) ? value : most
        ),
  );
  return {
    scores: largest.map(Math.abs),
    selected: largest.flatMap((value, location) => {
      if (picks[location] === 0) return [];
      const by = value >= 0 ? "teacher" : "student";
      const boxes = by === "teacher" ? teacherBoxes : studentBoxes;
      return {
        location,
        by,
        box: boxes.subarray(location * 4, location * 4 + 4),
      };
    }),
  };
}

/** [1, A, C] class logits and [1, A, 4] boxes in pixels. */
function predictionOf(
  { classLogits, boxLogits }: ImageOutputs,
  { count, centers, strides }: Anchors,
): { classLogits: tf.Tensor3D; boxes: tf.Tensor3D } {
  const logits = tf.tensor4d(boxLogits, [
    1,
    count,
    4,
    boxLogits.length / count / 4,
  ]);
  return {
    classLogits: tf.tensor3d(classLogits, [
      1,
      count,
      classLogits.length / count,
    ]),
    boxes: distancesToBox(
      tf.tensor2d(centers, [count, 2]),
      integral(logits),
      tf.tensor1d(strides),
    ) as tf.Tensor3D,
  };
}
