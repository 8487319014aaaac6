import * as tf from "@tensorflow/tfjs-core";
import { focalGlobalDistillation } from "ldlab/losses/fgd.ts";
import { imitation } from "ldlab/losses/imitation.ts";
import { classDistillation } from "ldlab/losses/kd.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { teacherBoundedRegression } from "ldlab/losses/tbr.ts";
import { gcBlock } from "ldlab/nn/gc_block.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { withoutGradient } from "ldlab/nn/without_gradient.ts";
import { boxes } from "./box_cases.ts";
import {
  type EqualityCase,
  type EqualityCases,
  functionCase,
  noise,
} from "./equality_case.ts";
import { networkCase } from "./layer_case.ts";

// B images, H x W cells, D channels: a layer norm over a few of them, nearly
// equal, would magnify what rounding leaves.
const [B, H, W, D] = [2, 5, 7, 16];
const maps = [B, H, W, D];

const moving = { temperature: (call: number) => tf.scalar(10 / (1 + call)) };

/** A loss of a student's and a teacher's rows. */
const ofNetworks = (
  loss: (given: Record<string, tf.Tensor>) => tf.Tensor,
  more: Record<string, (call: number) => tf.Tensor> = {},
): EqualityCase =>
  functionCase(
    { student: noise(maps, 80, 6), teacher: noise(maps, 81, 6), ...more },
    (given) => ({ loss: loss(given) }),
    ["student"],
  );

const bounded = (distance: "l2" | "squared") =>
  functionCase(
    { student: boxes(82), teacher: boxes(83), target: boxes(84) },
    ({ student, teacher, target }) => ({
      loss: teacherBoundedRegression(student, teacher, target, { distance }),
    }),
    ["student", "target"],
  );

/** Both context blocks are the network; the map is the student's. */
const fgd: EqualityCase = networkCase(() => {
  const { scope, variables } = openScope({ seed: 1 });
  const blocks = {
    studentContext: gcBlock(scope, { channels: D, suffix: "_s" }),
    teacherContext: gcBlock(scope, { channels: D, suffix: "_t" }),
  };
  return {
    variables,
    forward: (student) => {
      const teacher = tf.sin(student);
      const inside = withoutGradient(() =>
        tf.cast(tf.greater(tf.sum(teacher, 3), 0), "float32")
      );
      const foreground = tf.mul<tf.Tensor3D>(inside, 1 / 4);
      const background = tf.div<tf.Tensor3D>(tf.sub(1, inside), 9);
      return focalGlobalDistillation(
        { student, teacher, foreground, background },
        blocks,
      );
    },
  };
}, maps);

/** The losses between a student and its teacher, beside those as released. */
export const distillationLossCases: EqualityCases = {
  "localizationDistillation() as the paper writes it": ofNetworks(
    ({ student, teacher, temperature }) =>
      localizationDistillation(student, teacher, {
        temperature,
        bins: "sum",
        temperatureFactor: "none",
      }),
    moving,
  ),
  "classDistillation() by sigmoids": ofNetworks(
    ({ student, teacher, temperature }) =>
      classDistillation(student, teacher, {
        temperature,
        activation: "sigmoid",
      }),
    moving,
  ),
  ...Object.fromEntries(
    (["squared", "absolute", "absoluteBelowOne"] as const).map((error) => [
      `imitation() of ${error} errors`,
      ofNetworks(({ student, teacher }) =>
        imitation(student, teacher, { error })
      ),
    ]),
  ),
  "teacherBoundedRegression()": bounded("l2"),
  "teacherBoundedRegression() by squared distances": bounded("squared"),
  "focalGlobalDistillation()": fgd,
};
