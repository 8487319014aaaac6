import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { classDistillation } from "ldlab/losses/kd.ts";
import { everywhere } from "../everywhere.ts";
import { rows, sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("classDistillation() equals MMDetection's knowledge_distillation_kl_div_loss, with the released τ = 2 as default", async () => {
  const cases = await goldenCases(
    "loss_kd_ld",
    ({ inputs, params }) => params.reduction === "mean" && !inputs.weight,
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const options = params.T === 2 ? {} : { temperature: params.T };
    const f = ({ pred, soft_label }: Tensors) =>
      reduceAsMmdet(
        classDistillation(pred, soft_label, options),
        undefined,
        params,
      );
    // The reference's own float32 error, which its τ² magnifies: a gradient is
    // τ (p - q) / C.
    const tolerance = { ofLargest: 1e-5, absolute: params.T ** 2 * 2e-7 };
    const slope = {
      ofLargest: 1e-5,
      absolute: params.T * 2e-7 / inputs.pred.shape[1],
    };
    for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, slope, what);
    }
  }
});

Deno.test("classDistillation() with classes: sum is C times that with classes: mean", async () => {
  const student = { shape: [3, 20], data: wave(60, 2) };
  const teacher = { shape: [3, 20], data: wave(60, 2, 4) };
  const f = ({ student, teacher }: Tensors) =>
    tf.div(
      classDistillation(student, teacher, { classes: "sum" }),
      classDistillation(student, teacher),
    );
  for (const [place, { value }] of await everywhere(f, { student, teacher })) {
    assertClose(value, [20, 20, 20], { relative: 1e-6 }, place);
  }
});

Deno.test("classDistillation() of one class is 0 with no gradient whatever the logits", async () => {
  const student = { shape: [4, 1], data: [3, -7, 1e4, 0] };
  const teacher = { shape: [4, 1], data: [-1, 5, -1e4, 0] };
  const f = ({ student, teacher }: Tensors) =>
    classDistillation(student, teacher);
  const given = { student, teacher };
  for (const [place, found] of await everywhere(f, given, ["student"])) {
    assert.ok(found.value.every((v) => v === 0), place);
    assert.ok(found.gradients.student.every((g) => g === 0), place);
  }
});

Deno.test("classDistillation() by sigmoids does not vanish for one class", async () => {
  // τ = 2 halves the logits: p = 3/4, q = 1/2.
  const given = {
    student: { shape: [1, 1], data: [0] },
    teacher: { shape: [1, 1], data: [Math.log(9)] },
  };
  const f = ({ student, teacher }: Tensors) =>
    classDistillation(student, teacher, { activation: "sigmoid" });
  for (const [place, found] of await everywhere(f, given, ["student"])) {
    // By hand: 2² (3/4 log(3/2) + 1/4 log(1/2)), and 2 (1/2 - 3/4).
    const value = 3 * Math.log(1.5) - Math.LN2;
    assertClose(found.value, [value], { relative: 1e-6 }, place);
    assertClose(found.gradients.student, [-0.5], { relative: 1e-6 }, place);
  }
});

Deno.test("classDistillation() by sigmoids of a network with itself is 0 with no gradient", async () => {
  const z = { shape: [4, 20], data: wave(80, 8) };
  for (const temperature of [0.1, 2, 100]) {
    const f = ({ student, teacher }: Tensors) =>
      classDistillation(student, teacher, {
        activation: "sigmoid",
        temperature,
      });
    const given = { student: z, teacher: z };
    for (const [place, found] of await everywhere(f, given, ["student"])) {
      assert.ok(found.value.every((v) => v === 0), place);
      assert.ok(found.gradients.student.every((g) => g === 0), place);
    }
  }
});

Deno.test("classDistillation()'s gradient by sigmoids tends to a quarter of logit matching as τ → ∞", async () => {
  const [student, teacher] = [wave(20, 1), wave(20, 1, 3)];
  const given = {
    student: { shape: [20], data: student },
    teacher: { shape: [20], data: teacher },
  };
  const f = ({ student, teacher }: Tensors) =>
    classDistillation(student, teacher, {
      activation: "sigmoid",
      temperature: 1000,
      classes: "sum",
    });
  // σ's slope at 0 is 1/4; unlike by a softmax, nothing is centred.
  const limit = student.map((z, i) => (z - teacher[i]) / 4);
  const found = await everywhere(f, given, ["student"]);
  for (const [place, { gradients }] of found) {
    assertClose(gradients.student, limit, { ofLargest: 1e-3 }, place);
  }
});

Deno.test("classDistillation() by sigmoids keeps its digits at τ = 20 with logits 0.1 apart", async () => {
  // A float32 sum of p log(p / q) is off by a hundredth of the value here.
  const teacher = { shape: [8, 20], data: wave(160, 3) };
  const student = {
    shape: [8, 20],
    data: wave(160, 0.1, 9).map((d, i) => teacher.data[i] + d),
  };
  const tau = 20;
  const log = (z: number) => -Math.log1p(Math.exp(-z));
  const term = (s: number, t: number) => Math.exp(log(t)) * (log(t) - log(s));
  const expected = rows(
    Array.from(student.data, (z, i) => {
      const [s, t] = [z / tau, teacher.data[i] / tau];
      return tau ** 2 * (term(s, t) + term(-s, -t)) / 20;
    }),
    20,
  ).map(sum);
  const f = ({ student, teacher }: Tensors) =>
    classDistillation(student, teacher, {
      activation: "sigmoid",
      temperature: tau,
    });
  for (const [place, { value }] of await everywhere(f, { student, teacher })) {
    assertClose(value, expected, { relative: 2e-4 }, place);
  }
});

Deno.test("classDistillation() with temperatureFactor: none lacks τ²", async () => {
  const student = { shape: [3, 20], data: wave(60, 2) };
  const teacher = { shape: [3, 20], data: wave(60, 2, 4) };
  for (const activation of ["softmax", "sigmoid"] as const) {
    const f = ({ student, teacher }: Tensors) => {
      const options = { activation, temperature: 3 };
      return tf.div(
        classDistillation(student, teacher, options),
        classDistillation(student, teacher, {
          ...options,
          temperatureFactor: "none",
        }),
      );
    };
    for (
      const [place, { value }] of await everywhere(f, { student, teacher })
    ) {
      assertClose(value, [9, 9, 9], { relative: 1e-6 }, place);
    }
  }
});

Deno.test("classDistillation() refuses other shapes, temperatures and reductions", () => {
  const z = tf.zeros([2, 80]);
  assert.throws(() => classDistillation(z, tf.zeros([2, 20])), {
    name: "TypeError",
    message: "Cannot compute KD: teacher logits must be [..., 80] like the " +
      "student's: current shape is [2, 20]",
  });
  assert.throws(() => classDistillation(z, z, { temperature: 0 }), {
    name: "RangeError",
    message:
      "Cannot compute KD: temperature must be a finite number above 0: current value is 0",
  });
  const activation = "relu" as "sigmoid";
  assert.throws(() => classDistillation(z, z, { activation }), {
    name: "RangeError",
    message: 'Cannot compute KD: activation must be "softmax" or "sigmoid": ' +
      'current value is "relu"',
  });
  const classes = "none" as "mean";
  assert.throws(() => classDistillation(z, z, { classes }), {
    name: "RangeError",
    message:
      'Cannot compute KD: classes must be "mean" or "sum": current value is "none"',
  });
});
