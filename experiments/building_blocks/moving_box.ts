import * as tf from "@tensorflow/tfjs-core";
import { boxToDistances } from "../../lib/boxes/mod.ts";
import {
  giouLoss,
  localizationDistillation,
  teacherBoundedRegression,
} from "../../lib/losses/mod.ts";
import {
  type Figure,
  movingBox,
  type MovingLoss,
} from "../../lib/report/mod.ts";
import { openRunEngine } from "../run_engine.ts";

/** The true box in strides, and the location that predicts it: its centre. */
const TARGET = [0, 0, 6, 5];
const LOCATION = [3, 2.5];
/** Strides by which the teacher's box lies too far right. */
const TEACHER = 0.8;
const BINS = 17;

/** What to draw. */
export interface MovingBoxOptions {
  /** ε of TBR in strides, up to three; the paper's best and worst unless given. */
  readonly epsilons?: readonly number[];
  /** τ of LD; 10 unless given. */
  readonly temperature?: number;
  /** Widths of the edges' distributions in strides, up to four. */
  readonly widths?: readonly number[];
}

/**
 * LD, TBR and GIoU loss while a box slides over its target and past the
 * teacher's box, which has the target's size and lies 0.8 strides off. The
 * losses are those of `lib/losses`, in strides.
 */
export async function movingBoxFigure(
  { epsilons = [0.1, 0.2, 0.4], temperature = 10, widths = [0.7, 1] }:
    MovingBoxOptions = {},
): Promise<Figure> {
  await openRunEngine();
  const shifts = Array.from(
    { length: 201 },
    (_at, index) => (index - 100) / 50,
  );
  const student = shifts.map(shifted);
  const teacher = shifted(TEACHER);
  const repeat = (box: number[]) => shifts.map(() => box);
  const ld: MovingLoss[] = [];
  for (const width of widths) {
    ld.push({
      name: `LD, edges ${width} strides wide`,
      values: await valuesOf(() =>
        tf.sum(
          localizationDistillation(
            edgeLogits(student, width),
            edgeLogits(repeat(teacher), width),
            { temperature },
          ),
          -1,
        )
      ),
    });
  }
  const regression: MovingLoss[] = [{
    name: "GIoU",
    values: await valuesOf(() =>
      giouLoss(tf.tensor2d(student), tf.tensor2d(repeat(TARGET)))
    ),
  }];
  for (const epsilon of epsilons) {
    regression.push({
      name: `TBR, ε = ${epsilon}`,
      values: await valuesOf(() =>
        teacherBoundedRegression(
          tf.tensor2d(student),
          tf.tensor2d(repeat(teacher)),
          tf.tensor2d(repeat(TARGET)),
          { epsilon },
        )
      ),
    });
  }
  const states = shifts.flatMap((_shift, index) =>
    index % 10 === 0 ? index : []
  );
  return movingBox({
    shifts,
    unit: "strides",
    target: TARGET,
    teacher,
    student,
    teacherShift: TEACHER,
    panels: [
      { title: `LD, τ = ${temperature}`, losses: ld },
      { title: "GIoU and TBR", losses: regression },
    ],
  }, {
    title:
      "LD pulls a box to the teacher's, GIoU to the true one, TBR only until it beats the teacher's",
    states,
    open: shifts.indexOf(-1),
  });
}

/** The target, moved to the right. */
function shifted(by: number): number[] {
  const [x1, y1, x2, y2] = TARGET;
  return [x1 + by, y1, x2 + by, y2];
}

/**
 * [N, 4, n]: logits of bells of a width around the distances of boxes' edges
 * from the location.
 */
function edgeLogits(boxes: readonly number[][], width: number): tf.Tensor {
  const distances = boxToDistances(
    tf.tensor2d(boxes.map(() => LOCATION)),
    tf.tensor2d([...boxes]),
    tf.ones([boxes.length]), // the boxes are in strides
    { regMax: BINS - 1 },
  );
  const offsets = tf.sub(tf.range(0, BINS), tf.expandDims(distances, -1));
  return tf.mul(tf.square(offsets), -1 / (2 * width ** 2));
}

async function valuesOf(make: () => tf.Tensor): Promise<Float32Array> {
  const loss = tf.tidy(make);
  const values = await loss.data<"float32">();
  loss.dispose();
  return values;
}
