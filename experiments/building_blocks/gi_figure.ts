import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, distancesToBox, integral } from "../../lib/boxes/mod.ts";
import { giRegion } from "../../lib/regions/mod.ts";
import { type Figure, giSelection } from "../../lib/report/mod.ts";
import type { ImageOutputs } from "../test_outputs.ts";
import type { TestPicture } from "./test_picture.ts";

/** Boxes that are kept of each level: fewer than the published 10, to be seen. */
export interface GiFigureOptions {
  readonly topk: number;
}

/**
 * What GI selects of an image, from what student and teacher say about it.
 *
 * @param picture The image.
 * @param outputs What each says about it.
 * @param options How many boxes a level.
 */
export async function giFigure(
  picture: TestPicture,
  { student, teacher }: { student: ImageOutputs; teacher: ImageOutputs },
  { topk }: GiFigureOptions,
): Promise<Figure> {
  const { anchors } = picture;
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
      picks: giRegion({ ...said, anchors }, { topk }),
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
  return giSelection(picture.pyramid, {
    title:
      `GI selects where student and teacher differ most, ${topk} boxes a level at most`,
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
  });
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
