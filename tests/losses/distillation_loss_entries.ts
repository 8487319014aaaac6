import { imitation, type ImitationOptions } from "ldlab/losses/imitation.ts";
import { classDistillation } from "ldlab/losses/kd.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { teacherBoundedRegression } from "ldlab/losses/tbr.ts";
import { logSoftmax, rows, sum, wave } from "../float64.ts";
import { extremePairs, geometryOf, usualPairs } from "./box_pairs.ts";
import type { LossEntries, LossEntry } from "./loss_entry.ts";

/** Pairs of numbers of student and teacher, in rows of `n`. */
const networks = (n: number) => ({
  student: { shape: [2, 3, n], data: wave(6 * n, 3) },
  teacher: { shape: [2, 3, n], data: wave(6 * n, 3, 5) },
});

/** The same, huge, opposite, equal and 0. */
function extremes(n: number) {
  const students = [1e4, -1e4, 1e4, -1e4, 0, 0, 0, 1e4, -1e4, 2.5];
  const teachers = [-1e4, 1e4, 1e4, -1e4, 0, 1e4, -1e4, 0, 0, 2.5];
  const shape = [students.length / n, n];
  return {
    student: { shape, data: students },
    teacher: { shape, data: teachers },
  };
}

/** Of each row, the sum of what its pairs give. */
function sums(
  { student, teacher }: Record<string, number[]>,
  n: number,
  of: (student: number, teacher: number) => number,
): number[] {
  return rows(student.map((z, i) => of(z, teacher[i])), n).map(sum);
}

/** log σ(z), accurate for any z. */
const logSigmoid = (z: number) =>
  Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));

/** p log(p / q) for p = σ(t) and q = σ(s). */
const sigmoidTerm = (s: number, t: number) =>
  Math.exp(logSigmoid(t)) * (logSigmoid(t) - logSigmoid(s));

function sigmoidKd(tau: number, classes: number): LossEntry {
  return {
    loss: ({ student, teacher }) =>
      classDistillation(student, teacher, {
        temperature: tau,
        activation: "sigmoid",
      }),
    reference: (given) =>
      sums(given, classes, (z, zTeacher) => {
        const [s, t] = [z / tau, zTeacher / tau];
        return tau ** 2 * (sigmoidTerm(s, t) + sigmoidTerm(-s, -t));
      }).map((kl) => kl / classes),
    inputs: networks(classes),
    wrt: ["student"],
    extremes: extremes(classes),
    tolerance: { absolute: tau ** 2 * 2e-8 },
  };
}

function imitationOf(
  error: ImitationOptions["error"],
  cost: (difference: number) => number,
): LossEntry {
  return {
    loss: ({ student, teacher }) => imitation(student, teacher, { error }),
    reference: (given) =>
      sums(given, 5, (s, t) => cost(s - t)).map((total) => total / 5),
    inputs: networks(5),
    wrt: ["student"],
    extremes: extremes(5),
  };
}

/** 1 − GIoU, with what MMDetection takes as the least of an area. */
function giou(a: number[], b: number[]): number {
  const { intersection, union, enclosing } = geometryOf(a, b);
  const [covered, hull] = [union, enclosing[0] * enclosing[1]]
    .map((area) => Math.max(area, 1e-6));
  return 1 - intersection / covered + (hull - covered) / hull;
}

/** A teacher as good as the student, and one that is 3 further off. */
function teachers({ predicted, target }: typeof usualPairs) {
  const boxes = rows(predicted.data, 4).flatMap((box, i) =>
    i % 2 === 0
      ? box
      : rows(target.data, 4)[i].map((edge, k) =>
        edge + (box[k] < edge ? -1 : 1) * (Math.abs(box[k] - edge) + 3)
      )
  );
  return { shape: predicted.shape, data: boxes };
}

const boxes = (pairs: typeof usualPairs) => ({
  student: pairs.predicted,
  teacher: teachers(pairs),
  target: pairs.target,
});

function boundedBy(distance: "l2" | "squared"): LossEntry {
  return {
    loss: ({ student, teacher, target }) =>
      teacherBoundedRegression(student, teacher, target, { distance }),
    reference: ({ student, teacher, target }) => {
      const [theirs, truth] = [rows(teacher, 4), rows(target, 4)];
      const off = (box: number[], from: number[]) => {
        const squares = sum(box.map((edge, k) => (edge - from[k]) ** 2));
        return distance === "l2" ? Math.sqrt(squares) : squares;
      };
      return rows(student, 4).map((ours, i) =>
        off(ours, truth[i]) + 0.1 > off(theirs[i], truth[i])
          ? giou(ours, truth[i])
          : 0
      );
    },
    inputs: boxes(usualPairs),
    wrt: ["student", "target"],
    extremes: boxes(extremePairs),
  };
}

/** Losses of a student and its teacher, beside LD and KD as released. */
export const distillationLossEntries: LossEntries = {
  "localizationDistillation() as the paper writes it": {
    loss: ({ student, teacher }) =>
      localizationDistillation(student, teacher, {
        bins: "sum",
        temperatureFactor: "none",
      }),
    reference: ({ student, teacher }) => {
      const soften = (z: number[]) => logSoftmax(z.map((x) => x / 10));
      return rows(student, 5).map((row, i) => {
        const [logQ, logP] = [soften(row), soften(rows(teacher, 5)[i])];
        return sum(logP.map((p, k) => Math.exp(p) * (p - logQ[k])));
      });
    },
    inputs: networks(5),
    wrt: ["student"],
    extremes: extremes(5),
  },
  ...Object.fromEntries(
    [0.1, 1, 2, 100].map((tau) => [
      `classDistillation() by sigmoids at τ = ${tau}`,
      sigmoidKd(tau, 5),
    ]),
  ),
  "classDistillation() by sigmoids of one class": sigmoidKd(2, 1),
  "imitation()": imitationOf("squared", (d) => d ** 2),
  "imitation() of absolute differences": imitationOf("absolute", Math.abs),
  "imitation() of absolute differences below 1": imitationOf(
    "absoluteBelowOne",
    (d) => Math.abs(d) < 1 ? Math.abs(d) : d ** 2,
  ),
  "teacherBoundedRegression()": boundedBy("l2"),
  "teacherBoundedRegression() by squared distances": boundedBy("squared"),
};
