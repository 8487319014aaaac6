import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { softKl } from "ldlab/losses/soft_kl.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;
// τ is an input, so that a compiled step is the same step for every τ.
const kl = ({ student, teacher, tau }: Tensors) =>
  softKl("KL", student, teacher, tau);

/** τ² KL of each row, from its definition. */
function definition(
  student: ArrayLike<number>,
  teacher: ArrayLike<number>,
  tau: number,
  n: number,
): number[] {
  const soften = (z: number[]) => logSoftmax(z.map((x) => x / tau));
  const teachers = rows(teacher, n);
  return rows(student, n).map((row, i) => {
    const [q, p] = [soften(row), soften(teachers[i])];
    return tau ** 2 * sum(p.map((lp, k) => Math.exp(lp) * (lp - q[k])));
  });
}

for (const tau of [0.5, 1, 2, 10, 20]) {
  Deno.test(`softKl() at τ = ${tau} follows its definition and its finite differences`, async () => {
    const student = { shape: [2, 3, 5], data: wave(30, 3) };
    const teacher = { shape: [2, 3, 5], data: wave(30, 3, 5) };
    const given = { student, teacher, tau: { shape: [], data: [tau] } };
    const terms = (z: ArrayLike<number>) => definition(z, teacher.data, tau, 5);
    const slopes = centralDifferences((z) => sum(terms(z)), student.data, 1e-4);
    for (const [place, found] of await everywhere(kl, given, ["student"])) {
      assertClose(found.value, terms(student.data), { ofLargest: 1e-5 }, place);
      const { student: gradient } = found.gradients;
      assertClose(gradient, slopes, { ofLargest: 1e-5 }, place);
    }
  });
}

Deno.test("softKl() keeps its digits at τ = 20 with logits 0.1 apart", async () => {
  // A float32 sum of p (log p - log q) is off by 1e-2 of the value here.
  const teacher = { shape: [8, 17], data: wave(8 * 17, 3) };
  const student = {
    shape: [8, 17],
    data: wave(8 * 17, 0.1, 9).map((d, i) => teacher.data[i] + d),
  };
  const given = { student, teacher, tau: { shape: [], data: [20] } };
  const expected = definition(student.data, teacher.data, 20, 17);
  for (const [place, { value }] of await everywhere(kl, given)) {
    assertClose(value, expected, { relative: 2e-4 }, place);
  }
});

Deno.test("softKl() tends to half the centred squared difference of logits as τ → ∞", async () => {
  const [student, teacher] = [wave(17, 1), wave(17, 1, 3)];
  const difference = Array.from(teacher, (z, i) => z - student[i]);
  const mean = sum(difference) / 17;
  const limit = sum(difference.map((d) => (d - mean) ** 2)) / (2 * 17);
  const given = {
    student: { shape: [17], data: student },
    teacher: { shape: [17], data: teacher },
    tau: { shape: [], data: [1000] },
  };
  for (const [place, { value }] of await everywhere(kl, given)) {
    assertClose(value, [limit], { relative: 2e-3 }, place);
  }
});

Deno.test("softKl() is exact and finite at logits of ±1e4", async () => {
  const student = { shape: [3, 2], data: [1e4, -1e4, -1e4, 1e4, 0, 1e4] };
  const teacher = { shape: [3, 2], data: [-1e4, 1e4, -1e4, 1e4, 0, 0] };
  const given = { student, teacher, tau: { shape: [], data: [1] } };
  for (const [place, found] of await everywhere(kl, given, ["student"])) {
    // By hand: log q of a bin is its logit less the row's largest.
    const values = [2e4, 0, 5e3 - Math.LN2];
    assertClose(found.value, values, { relative: 1e-6 }, place);
    const slopes = [1, -1, 0, 0, -0.5, 0.5];
    assertClose(found.gradients.student, slopes, { absolute: 1e-6 }, place);
  }
});

Deno.test("softKl() sends no gradient to the teacher", () => {
  const [student, teacher] = [tf.zeros([2, 3]), tf.ones([2, 3])];
  assert.throws(
    () => tf.grad((teacher) => softKl("KL", student, teacher, 1))(teacher),
    /gradient/,
  );
});
