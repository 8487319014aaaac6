import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { wave } from "../float64.ts";
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

/** Losses of scores, each class by itself. */
export const scoreLossEntries: LossEntries = {
  ...Object.fromEntries(
    [0, 1, 1.5, 2].map((beta) => [
      `qualityFocalLoss() with β = ${beta}`,
      qfl(beta),
    ]),
  ),
};
