import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { classDistillation } from "ldlab/losses/kd.ts";
import { everywhere } from "../everywhere.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("classDistillation() equals MMDetection's knowledge_distillation_kl_div_loss at the released τ = 2", async () => {
  const cases = (await goldenCases("loss_kd_ld"))
    .filter((c) => c.params.T === 2 && /_mean_w0/.test(c.name));
  assert.equal(cases.length, 3);
  for (const { name, inputs, outputs, gradients } of cases) {
    const f = ({ pred, soft_label }: Tensors) =>
      tf.mean(classDistillation(pred, soft_label));
    for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, { ofLargest: 1e-5 }, what);
      const expected = gradients.pred.data;
      assertClose(found.gradients.pred, expected, { ofLargest: 1e-5 }, what);
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
  const classes = "none" as "mean";
  assert.throws(() => classDistillation(z, z, { classes }), {
    name: "RangeError",
    message:
      'Cannot compute KD: classes must be "mean" or "sum": current value is "none"',
  });
});
