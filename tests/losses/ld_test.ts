import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import fc from "fast-check";
import { compile } from "ldlab/engine/compile.ts";
import { localizationDistillation } from "ldlab/losses/ld.ts";
import { everywhere } from "../everywhere.ts";
import { sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("localizationDistillation() equals MMDetection's KnowledgeDistillationKLDivLoss, gradients included", async () => {
  const cases = await goldenCases("loss_kd_ld");
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ pred, soft_label, weight }: Tensors) => {
      const options = { temperature: params.T };
      const loss = localizationDistillation(pred, soft_label, options);
      return reduceAsMmdet(loss, weight, params);
    };
    // The reference's own float32 error, which its τ² magnifies: a gradient is
    // τ (p - q) / n.
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
        {
          ofLargest: 1e-5,
          absolute: params.T * 2e-7 / inputs.pred.shape[1],
        },
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
  for (const temperature of [0.1, 1, 10, 100]) {
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

Deno.test("localizationDistillation() with temperatureFactor: none lacks τ², a tensor's as a number's", async () => {
  const student = { shape: [3, 17], data: wave(51, 2) };
  const teacher = { shape: [3, 17], data: wave(51, 2, 4) };
  const temperatureFactor = "none";
  for (const temperature of [0.1, 2, 100]) {
    const tau = { shape: [], data: [temperature] };
    const squared = ({ student, teacher, tau }: Tensors) =>
      localizationDistillation(student, teacher, { temperature: tau });
    const plain = ({ student, teacher, tau }: Tensors) =>
      localizationDistillation(student, teacher, {
        temperature: tau,
        temperatureFactor,
      });
    const given = { student, teacher, tau };
    const expected = await everywhere(squared, given, ["student"]);
    const found = await everywhere(plain, given, ["student"]);
    for (const [i, [place, { value, gradients }]] of found.entries()) {
      const less = (values: Float32Array) =>
        values.map((value) => value / temperature ** 2);
      const [, released] = expected[i];
      assertClose(value, less(released.value), { relative: 1e-6 }, place);
      assertClose(gradients.student, less(released.gradients.student), {
        ofLargest: 1e-6,
      }, place);
    }
  }
});

Deno.test("localizationDistillation()'s gradient tends to centred logit matching as τ → ∞", async () => {
  const [student, teacher] = [wave(17, 1), wave(17, 1, 3)];
  const difference = Array.from(student, (z, i) => z - teacher[i]);
  const mean = sum(difference) / 17;
  const given = {
    student: { shape: [17], data: student },
    teacher: { shape: [17], data: teacher },
  };
  const f = ({ student, teacher }: Tensors) =>
    localizationDistillation(student, teacher, {
      temperature: 1000,
      bins: "sum",
    });
  // Hinton et al. 2015, section 2.1: 1 / n of the difference of the centred
  // logits; the terms left out are 1 / τ of it.
  const limit = difference.map((d) => (d - mean) / 17);
  const found = await everywhere(f, given, ["student"]);
  for (const [place, { gradients }] of found) {
    assertClose(gradients.student, limit, { ofLargest: 3e-3 }, place);
  }
});

Deno.test("localizationDistillation() of any logits and temperature is finite and not below 0", async () => {
  await tf.setBackend("cpu");
  const logits = fc.array(
    fc.float({ min: -1e4, max: 1e4, noNaN: true }),
    { minLength: 5, maxLength: 5 },
  );
  const temperature = fc.constantFrom(0.1, 1, 10, 100);
  const property = fc.property(logits, logits, temperature, (z, t, tau) => {
    const values = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((z) =>
        tf.sum(
          localizationDistillation(z, tf.tensor1d(t), { temperature: tau }),
        )
      )(tf.tensor1d(z));
      return [...value.dataSync(), ...grad.dataSync()];
    });
    assert.ok(values.every(Number.isFinite) && values[0] >= 0, `${values}`);
  });
  fc.assert(property, { seed: 1 });
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
  const temperatureFactor = "cubed" as "none";
  assert.throws(() => localizationDistillation(z, z, { temperatureFactor }), {
    name: "RangeError",
    message: 'Cannot compute LD: temperatureFactor must be "squared" or ' +
      '"none": current value is "cubed"',
  });
  // A notebook's kernel does not check types.
  const bins = "average" as "mean";
  assert.throws(() => localizationDistillation(z, z, { bins }), {
    name: "RangeError",
    message:
      'Cannot compute LD: bins must be "mean" or "sum": current value is "average"',
  });
});
