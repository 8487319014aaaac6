import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { compile } from "ldlab/engine/compile.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { everywhere } from "../everywhere.ts";
import { sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("localizationDistillation() equals MMDetection's KnowledgeDistillationKLDivLoss, gradients included", async () => {
  const cases = await goldenCases("loss_kd_ld");
  assert.equal(cases.length, 94);
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ pred, soft_label, weight }: Tensors) => {
      const options = { temperature: params.T };
      const loss = localizationDistillation(pred, soft_label, options);
      return reduceAsMmdet(loss, weight, params);
    };
    // The reference's own float32 error, which its τ² magnifies.
    const noise = params.T ** 2 * 2e-7;
    const weight = inputs.weight ? sum(inputs.weight.data) : 1;
    for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(
        found.value,
        outputs.out.data,
        { ofLargest: 1e-5, absolute: noise * Math.max(weight, 1) },
        what,
      );
      assertClose(
        found.gradients.pred,
        gradients.pred.data,
        { ofLargest: 1e-5, absolute: params.T * 2e-8 },
        what,
      );
    }
  }
});

Deno.test("localizationDistillation() takes τ as an input of a step recorded once", async () => {
  await tf.setBackend("tensorflow");
  const [student, teacher] = [wave(51, 2), wave(51, 2, 4)]
    .map((data) => tf.tensor2d(data, [3, 17]));
  const step = compile(({ student, teacher, tau }: Tensors) => ({
    loss: localizationDistillation(student, teacher, { temperature: tau }),
  }));
  for (const temperature of [1, 10, 20]) {
    const tau = tf.scalar(temperature);
    const { loss } = await step({ student, teacher, tau });
    const expected = localizationDistillation(student, teacher, {
      temperature,
    });
    assertClose(await loss.data(), await expected.data(), { relative: 1e-5 });
    tf.dispose([tau, loss, expected]);
  }
  assert.equal(step.statistics.recordings, 1);
  step.dispose();
  tf.dispose([student, teacher]);
});

Deno.test("localizationDistillation() of a network with itself is 0 with no gradient", async () => {
  const z = { shape: [2, 4, 17], data: wave(2 * 4 * 17, 8) };
  for (const temperature of [1, 10, 20]) {
    const f = ({ student, teacher }: Tensors) =>
      localizationDistillation(student, teacher, { temperature });
    const given = { student: z, teacher: z };
    for (const [place, found] of await everywhere(f, given, ["student"])) {
      assert.ok(found.value.every((v) => v === 0), place);
      assert.ok(found.gradients.student.every((g) => g === 0), place);
    }
  }
});

Deno.test("localizationDistillation() with bins: sum is n times that with bins: mean", async () => {
  const student = { shape: [3, 17], data: wave(51, 2) };
  const teacher = { shape: [3, 17], data: wave(51, 2, 4) };
  const f = ({ student, teacher }: Tensors) =>
    tf.div(
      localizationDistillation(student, teacher, { bins: "sum" }),
      localizationDistillation(student, teacher),
    );
  for (const [place, { value }] of await everywhere(f, { student, teacher })) {
    assertClose(value, [17, 17, 17], { relative: 1e-6 }, place);
  }
});

Deno.test("localizationDistillation() does not see what is added to all logits of a side", async () => {
  const student = { shape: [3, 17], data: wave(51, 2) };
  const teacher = { shape: [3, 17], data: wave(51, 2, 4) };
  const f = ({ student, teacher }: Tensors) =>
    tf.sub(
      localizationDistillation(tf.add(student, 3), teacher),
      localizationDistillation(student, tf.sub(teacher, 5)),
    );
  for (const [place, { value }] of await everywhere(f, { student, teacher })) {
    assertClose(value, [0, 0, 0], { absolute: 1e-6 }, place);
  }
});

Deno.test("localizationDistillation() refuses logits of other shapes", () => {
  const student = tf.zeros([2, 100, 17]);
  for (
    const [shape, expected] of [
      [[2, 100, 16], "[..., 17]"],
      [[2, 1, 17], "[2, 100, 17]"],
      [[17], "[2, 100, 17]"],
    ] as const
  ) {
    assert.throws(
      () => localizationDistillation(student, tf.zeros([...shape])),
      {
        name: "TypeError",
        message: `Cannot compute LD: teacher logits must be ${expected} like ` +
          `the student's: current shape is [${shape.join(", ")}]`,
      },
    );
  }
  assert.throws(
    () => localizationDistillation(tf.scalar(1), tf.scalar(1)),
    TypeError,
  );
});

Deno.test("localizationDistillation() refuses a temperature that is not above 0 and unknown bins", () => {
  const z = tf.zeros([2, 17]);
  for (const temperature of [0, -10, NaN]) {
    assert.throws(() => localizationDistillation(z, z, { temperature }), {
      name: "RangeError",
      message: "Cannot compute LD: temperature must be a finite number above " +
        `0: current value is ${temperature}`,
    });
  }
  // A notebook's kernel does not check types.
  const bins = "average" as "mean";
  assert.throws(() => localizationDistillation(z, z, { bins }), {
    name: "RangeError",
    message:
      'Cannot compute LD: bins must be "mean" or "sum": current value is "average"',
  });
});
