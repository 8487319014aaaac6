import { smoothL1 } from "ldlab/losses/smooth_l1.ts";
import { wave } from "../float64.ts";
import type { LossEntries, LossEntry } from "./loss_entry.ts";

function smooth(beta: number): LossEntry {
  return {
    loss: ({ predicted, target }) => smoothL1(predicted, target, { beta }),
    reference: ({ predicted, target }) =>
      predicted.map((x, i) => {
        const d = Math.abs(x - target[i]);
        return d < beta ? d ** 2 / (2 * beta) : d - beta / 2;
      }),
    inputs: {
      predicted: { shape: [2, 4], data: wave(8, 2) },
      target: { shape: [2, 4], data: wave(8, 2, 3) },
    },
    wrt: ["predicted", "target"],
    extremes: {
      predicted: { shape: [4, 1], data: [1e4, -1e4, 3, 0] },
      target: { shape: [4, 1], data: [-1e4, 1e4, 3, 0] },
    },
  };
}

/** Losses of numbers. */
export const regressionLossEntries: LossEntries = Object.fromEntries(
  [0, 1 / 9, 1, 100].map((beta) => [
    `smoothL1() with β = ${beta.toPrecision(2)}`,
    smooth(beta),
  ]),
);
