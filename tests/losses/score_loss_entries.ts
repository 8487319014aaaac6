import { binaryCrossEntropy } from "ldlab/losses/binary_cross_entropy.ts";
import { focalLoss } from "ldlab/losses/focal.ts";
import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { qualityFocalLossOfScores } from "ldlab/losses/qfl_of_scores.ts";
import { softmaxCrossEntropy } from "ldlab/losses/softmax_cross_entropy.ts";
import { logSoftmax, rows, sum, wave } from "../float64.ts";
import type { LossEntries, LossEntry } from "./loss_entry.ts";

/** log σ(z), accurate for any z. */
const logSigmoid = (z: number) =>
  Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));

/** −((1 − y) log(1 − σ(z)) + y log σ(z)). */
const crossEntropy = (z: number, y: number) =>
  -(1 - y) * logSigmoid(-z) - y * logSigmoid(z);

const scores = {
  inputs: {
    logits: { shape: [2, 3], data: wave(6, 3) },
    targets: { shape: [2, 3], data: [0, 1, 0.3, 0.9, 0, 0.05] },
  },
  wrt: ["logits"],
  extremes: {
    logits: { shape: [7, 1], data: [1e4, 1e4, 1e4, -1e4, -1e4, -1e4, 0] },
    targets: { shape: [7, 1], data: [0, 1, 0.5, 0, 1, 0.5, 0.5] },
  },
};

function qfl(beta: number): LossEntry {
  return {
    ...scores,
    loss: ({ logits, targets }) => qualityFocalLoss(logits, targets, { beta }),
    reference: ({ logits, targets }) =>
      logits.map((z, i) => {
        const error = Math.abs(targets[i] - Math.exp(logSigmoid(z)));
        return error ** beta * crossEntropy(z, targets[i]);
      }),
  };
}

function qflOfScores(beta: number): LossEntry {
  return {
    loss: ({ scores, targets }) =>
      qualityFocalLossOfScores(scores, targets, { beta }),
    reference: ({ scores, targets }) =>
      scores.map((p, i) => {
        const y = targets[i];
        const [yes, no] = [Math.log(p), Math.log1p(-p)]
          .map((logarithm) => Math.max(logarithm, -100));
        const entropy = -(1 - y) * no - y * yes;
        return Math.abs(y - p) ** beta * entropy;
      }),
    inputs: {
      scores: { shape: [2, 3], data: [0.3, 0.6, 0.9, 0.05, 0.4, 0.7] },
      targets: scores.inputs.targets,
    },
    wrt: ["scores"],
    extremes: {
      scores: { shape: [7, 1], data: [1, 1, 1, 0, 0, 0, 1e-30] },
      targets: { shape: [7, 1], data: [0, 1, 0.5, 0, 1, 0.5, 0.5] },
    },
  };
}

function focal(gamma: number, alpha: number): LossEntry {
  return {
    loss: ({ logits, targets }) => focalLoss(logits, targets, { gamma, alpha }),
    reference: ({ logits, targets }) =>
      logits.map((z, i) => {
        const y = targets[i];
        const wrong = Math.exp(logSigmoid(y === 1 ? -z : z));
        const weight = y === 1 ? alpha : 1 - alpha;
        return weight * wrong ** gamma * crossEntropy(z, y);
      }),
    inputs: {
      logits: { shape: [2, 3], data: wave(6, 3) },
      targets: { shape: [2, 3], data: [0, 1, 0, 1, 1, 0] },
    },
    wrt: ["logits"],
    extremes: {
      logits: { shape: [6, 1], data: [1e4, 1e4, -1e4, -1e4, 0, 0] },
      targets: { shape: [6, 1], data: [0, 1, 0, 1, 0, 1] },
    },
  };
}

/** Losses of scores. */
export const scoreLossEntries: LossEntries = {
  ...Object.fromEntries(
    [0, 1, 1.5, 2].map((beta) => [
      `qualityFocalLoss() with β = ${beta}`,
      qfl(beta),
    ]),
  ),
  ...Object.fromEntries(
    [0, 1, 1.5, 2].map((beta) => [
      `qualityFocalLossOfScores() with β = ${beta}`,
      qflOfScores(beta),
    ]),
  ),
  ...Object.fromEntries(
    ([[0, 0.5], [0.5, 0.25], [1, 1], [1.5, 0], [2, 0.25]] as const).map(
      ([gamma, alpha]) => [
        `focalLoss() with γ = ${gamma} and α = ${alpha}`,
        focal(gamma, alpha),
      ],
    ),
  ),
  "binaryCrossEntropy()": {
    ...scores,
    loss: ({ logits, targets }) => binaryCrossEntropy(logits, targets),
    reference: ({ logits, targets }) =>
      logits.map((z, i) => crossEntropy(z, targets[i])),
  },
  "softmaxCrossEntropy()": {
    loss: ({ logits, targets }) => softmaxCrossEntropy(logits, targets),
    reference: ({ logits, targets }) => {
      const soft = rows(targets, 3);
      return rows(logits, 3).map((row, i) =>
        -sum(logSoftmax(row).map((logP, c) => soft[i][c] * logP))
      );
    },
    inputs: {
      logits: { shape: [3, 3], data: wave(9, 3) },
      targets: { shape: [3, 3], data: [0, 1, 0, 0.5, 0.25, 0.25, 0, 0, 0] },
    },
    wrt: ["logits"],
    extremes: {
      // deno-fmt-ignore
      logits: { shape: [4, 3], data: [
        1e4, -1e4, 0,  1e4, -1e4, 0,  -1e4, -1e4, -1e4,  1e4, -1e4, 0 ] },
      // deno-fmt-ignore
      targets: { shape: [4, 3], data: [1, 0, 0,  0, 1, 0,  0.5, 0.5, 0,  0, 0, 0] },
    },
  },
};
