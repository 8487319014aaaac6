import * as tf from "@tensorflow/tfjs-core";
import { binaryCrossEntropy } from "ldlab/losses/binary_cross_entropy.ts";
import { ciouLoss } from "ldlab/losses/ciou.ts";
import { distributionFocalLoss } from "ldlab/losses/dfl.ts";
import { diouLoss } from "ldlab/losses/diou.ts";
import { efficientIouLoss } from "ldlab/losses/efficient_iou.ts";
import { eiouLoss } from "ldlab/losses/eiou.ts";
import { focalLoss } from "ldlab/losses/focal.ts";
import { giouLoss } from "ldlab/losses/giou.ts";
import { iouLoss } from "ldlab/losses/iou_loss.ts";
import { classDistillation } from "ldlab/losses/kd.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { qualityFocalLossOfScores } from "ldlab/losses/qfl_of_scores.ts";
import { smoothL1 } from "ldlab/losses/smooth_l1.ts";
import { softmaxCrossEntropy } from "ldlab/losses/softmax_cross_entropy.ts";
import { boxes } from "./box_cases.ts";
import { type EqualityCases, functionCase, noise } from "./equality_case.ts";

// R rows, C classes, n bins.
const [R, C, n] = [40, 5, 17];

/** Logits as trained networks give them, and a few that overflow exp(). */
function logits(shape: number[], seed: number) {
  return (call: number) =>
    tf.tidy(() => {
      const usual = noise(shape, seed, 6)(call);
      const extreme = noise(shape, seed + 1, 1e4)(call);
      const rare = tf.greater(noise(shape, seed + 2)(call), 0.95);
      return tf.where(rare, extreme, usual);
    });
}

/** Numbers of [0, 1), nine in ten 0. */
const quality = (call: number) =>
  tf.tidy(() => tf.relu(tf.sub(noise([R, C], 20)(call), 0.8)));

/** Temperatures that move from call to call. */
const temperature = (call: number) => tf.scalar(10 / (1 + call));

/** Numbers that are 0 or 1, one in ten 1. */
const labels = (call: number) =>
  tf.tidy(() => tf.cast(tf.greater(quality(call), 0), "float32"));

const scoreLoss = (loss: typeof binaryCrossEntropy, targets = labels) =>
  functionCase(
    { logits: logits([R, C], 10), targets },
    ({ logits, targets }) => ({ loss: loss(logits, targets) }),
    ["logits"],
  );

const qfl = (beta?: number) =>
  scoreLoss((z, y) => qualityFocalLoss(z, y, { beta }), quality);

/** Scores as sigmoids give them, some of them 0 or 1. */
const qflOfScores = (beta?: number) =>
  functionCase(
    {
      scores: (call) => tf.tidy(() => tf.sigmoid(logits([R, C], 12)(call))),
      targets: quality,
    },
    ({ scores, targets }) => ({
      loss: qualityFocalLossOfScores(scores, targets, { beta }),
    }),
    ["scores"],
  );

const smooth = (beta?: number) =>
  functionCase(
    { predicted: noise([R, 4], 70, 3), target: noise([R, 4], 71, 3) },
    ({ predicted, target }) => ({
      loss: smoothL1(predicted, target, { beta }),
    }),
    ["predicted", "target"],
  );

const boxLoss = (loss: typeof giouLoss) =>
  functionCase(
    { predicted: boxes(60), target: boxes(61) },
    ({ predicted, target }) => ({ loss: loss(predicted, target) }),
    ["predicted", "target"],
  );

const distillations = Object.fromEntries(
  ([
    ["localizationDistillation", localizationDistillation, "bins", n],
    ["classDistillation", classDistillation, "classes", C],
  ] as const).flatMap(([name, loss, over, size]) => {
    const networks = {
      student: logits([R, size], 30),
      teacher: logits([R, size], 40),
    };
    return [
      [
        `${name}() as released`,
        functionCase(
          networks,
          ({ student, teacher }) => ({ loss: loss(student, teacher) }),
          ["student"],
        ),
      ],
      [
        `${name}() summed, with a moving temperature`,
        functionCase(
          { ...networks, temperature },
          ({ student, teacher, temperature }) => ({
            loss: loss(student, teacher, { temperature, [over]: "sum" }),
          }),
          ["student"],
        ),
      ],
    ];
  }),
);

/** Every loss, with its gradients. */
export const lossCases: EqualityCases = {
  "qualityFocalLoss()": qfl(),
  "qualityFocalLoss() with beta 0": qfl(0),
  "qualityFocalLoss() with beta 1": qfl(1),
  "qualityFocalLoss() with beta 1.5": qfl(1.5),
  "qualityFocalLossOfScores()": qflOfScores(),
  "qualityFocalLossOfScores() with beta 0": qflOfScores(0),
  "qualityFocalLossOfScores() with beta 1.5": qflOfScores(1.5),
  "focalLoss()": scoreLoss(focalLoss),
  "focalLoss() with gamma 1.5": scoreLoss((z, y) =>
    focalLoss(z, y, { gamma: 1.5 })
  ),
  "binaryCrossEntropy()": scoreLoss(binaryCrossEntropy, quality),
  "softmaxCrossEntropy()": scoreLoss(softmaxCrossEntropy),
  "smoothL1()": smooth(),
  "smoothL1() with beta 0": smooth(0),
  "distributionFocalLoss()": functionCase(
    {
      logits: logits([R, 4, n], 50),
      targets: (call) =>
        tf.tidy(() => tf.mul(tf.abs(noise([R, 4], 51)(call)), n - 1)),
    },
    ({ logits, targets }) => ({ loss: distributionFocalLoss(logits, targets) }),
    ["logits"],
  ),
  ...Object.fromEntries(
    [ciouLoss, diouLoss, efficientIouLoss, eiouLoss, giouLoss, iouLoss].map(
      (loss) => [`${loss.name}()`, boxLoss(loss)],
    ),
  ),
  "iouLoss() squared": boxLoss((a, b) => iouLoss(a, b, { form: "square" })),
  ...distillations,
};
