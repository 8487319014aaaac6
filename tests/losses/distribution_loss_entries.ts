import { distributionFocalLoss } from "ldlab/losses/dfl.ts";
import { classDistillation } from "ldlab/losses/kd.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { logSoftmax, rows, sum, wave } from "../float64.ts";
import type { LossEntries, LossEntry } from "./loss_entry.ts";

const bins = 5;

/** τ² KL(teacher ‖ student) of each row, from its definition. */
function softKl(
  student: number[],
  teacher: number[],
  n: number,
  tau: number,
): number[] {
  const soften = (row: number[]) => logSoftmax(row.map((z) => z / tau));
  const teachers = rows(teacher, n);
  return rows(student, n).map((row, i) => {
    const [logQ, logP] = [soften(row), soften(teachers[i])];
    return tau ** 2 *
      sum(logP.map((p, k) => Math.exp(p) * (p - logQ[k])));
  });
}

// deno-fmt-ignore
const extremeLogits = {
  student: { shape: [4, 3], data: [1e4, -1e4, 0,  -1e4, -1e4, 1e4,  0, 0, 0,  1e4, 1e4, 1e4] },
  teacher: { shape: [4, 3], data: [-1e4, 1e4, 0,  -1e4, -1e4, 1e4,  1e4, 0, -1e4,  0, 0, 0] },
};

function distillation(
  f: typeof localizationDistillation | typeof classDistillation,
  temperature: number,
): LossEntry {
  const shape = [2, 3, bins];
  return {
    loss: ({ student, teacher }) => f(student, teacher, { temperature }),
    reference: ({ student, teacher }) => {
      const n = student.length === 12 ? 3 : bins;
      return softKl(student, teacher, n, temperature).map((kl) => kl / n);
    },
    inputs: {
      student: { shape, data: wave(30, 3) },
      teacher: { shape, data: wave(30, 3, 5) },
    },
    wrt: ["student"],
    extremes: extremeLogits,
    tolerance: { absolute: temperature ** 2 * 2e-8 },
  };
}

/** Losses of distributions: LD, KD and DFL. */
export const distributionLossEntries: LossEntries = {
  ...Object.fromEntries(
    [localizationDistillation, classDistillation].flatMap((f) =>
      [0.1, 1, 10, 100].map((tau) => [
        `${f.name}() at τ = ${tau}`,
        distillation(f, tau),
      ])
    ),
  ),
  "classDistillation() of one class": {
    ...distillation(classDistillation, 2),
    reference: ({ student }) => student.map(() => 0),
    inputs: {
      student: { shape: [3, 1], data: [1, -2, 3] },
      teacher: { shape: [3, 1], data: [2, 2, -3] },
    },
    extremes: {
      student: { shape: [2, 1], data: [1e4, -1e4] },
      teacher: { shape: [2, 1], data: [-1e4, -1e4] },
    },
  },
  "distributionFocalLoss()": {
    loss: ({ logits, targets }) => distributionFocalLoss(logits, targets),
    reference: ({ logits, targets }) =>
      rows(logits, bins).map((row, i) => {
        const left = Math.min(Math.floor(targets[i]), bins - 2);
        const logP = logSoftmax(row);
        return -(left + 1 - targets[i]) * logP[left] -
          (targets[i] - left) * logP[left + 1];
      }),
    inputs: {
      logits: { shape: [2, 3, bins], data: wave(30, 2) },
      targets: { shape: [2, 3], data: [0, 0.25, 3.9, 2.5, 1, 4] },
    },
    wrt: ["logits"],
    extremes: {
      // deno-fmt-ignore
      logits: { shape: [4, bins], data: [
        1e4, -1e4, 0, 0, 0,  -1e4, -1e4, -1e4, -1e4, 1e4,
        0, 0, 0, 0, 0,  1e4, 1e4, 1e4, 1e4, 1e4 ] },
      targets: { shape: [4], data: [0.5, 0, 4, 3.9] },
    },
  },
};
