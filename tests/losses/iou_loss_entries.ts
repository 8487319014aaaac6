import { giouLoss } from "ldlab/losses/giou.ts";
import { extremePairs, ofPairs, usualPairs } from "./box_pairs.ts";
import type { LossEntries } from "./loss_entry.ts";

const boxes = {
  inputs: usualPairs,
  wrt: ["predicted", "target"],
  extremes: extremePairs,
};

/** What MMDetection adds, or takes as the least, where a quotient could be 0 / 0. */
const epsilon = 1e-6;

/** Losses of boxes by their overlap. */
export const iouLossEntries: LossEntries = {
  "giouLoss()": {
    ...boxes,
    loss: ({ predicted, target }) => giouLoss(predicted, target),
    reference: ofPairs(
      ({ intersection, union, enclosing: [width, height] }) => {
        const covered = Math.max(union, epsilon);
        const hull = Math.max(width * height, epsilon);
        return 1 - intersection / covered + (hull - covered) / hull;
      },
    ),
  },
};
