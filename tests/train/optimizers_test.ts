// Expected numbers: torch 2.13.0, tests/golden/make_optimizers.py.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { adamW } from "ldlab/train/adam_w.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { assertClose, goldenCases } from "../golden.ts";

const engine = await openEngine();

type Values = Record<string, number[]>;
interface Step {
  rate: number;
  gradients: Values;
  norm: number;
  after: Values;
}

/** The file holds no shapes: an even number of values has two rows, one none. */
const shapeOf = ({ length }: number[]) =>
  length === 1 ? [] : length % 2 === 0 ? [2, length / 2] : [length];
const tensorsOf = (values: Values) =>
  new Map(
    Object.entries(values).map(([name, v]) => [
      name,
      tf.tensor(v, shapeOf(v)),
    ]),
  );
const variablesOf = (values: Values) =>
  new Map(
    [...tensorsOf(values)].map(([name, t]) => [name, tf.variable(t)]),
  );

for (const golden of await goldenCases("optimizers")) {
  const { before, clip, steps } = golden.inputs as {
    before: Values;
    clip: number | null;
    steps: Step[];
  };
  const { momentum, weight_decay: weightDecay, biases, betas, eps } =
    golden.params;
  const name = betas ? "adamW()" : "sgd()";

  Deno.test(`${name} equals PyTorch after every step: ${golden.name}`, async () => {
    const parameters = variablesOf(before);
    const optimizer = betas
      ? adamW(parameters, {
        beta1: betas[0],
        beta2: betas[1],
        epsilon: eps,
        weightDecay,
      })
      : sgd(parameters, { momentum, weightDecay, biases });
    const update = compile(({ rate, ...gradients }: tf.NamedTensorMap) => {
      const { clipped, norm } = clipGradients(
        new Map(Object.entries(gradients)),
        clip ?? Infinity,
      );
      optimizer.apply(clipped, rate as tf.Scalar);
      return { norm };
    }, { name: "update" });
    for (const [i, step] of steps.entries()) {
      const { norm } = await update({
        rate: tf.scalar(step.rate),
        ...Object.fromEntries(tensorsOf(step.gradients)),
      });
      assertClose(await norm.data(), [step.norm], { relative: 1e-6 }, "norm");
      for (const [parameter, variable] of parameters) {
        assertClose(
          await variable.data(),
          step.after[parameter],
          { relative: 1e-6, absolute: 1e-7 },
          `${parameter} after step ${i}`,
        );
      }
    }
    // Neither the rate nor the step count was frozen into the step.
    if (engine.backend === "tensorflow") {
      assert.equal(update.statistics.recordings, 1);
    }
    update.dispose();
  });
}

for (const make of [sgd, adamW]) {
  const one = () => new Map([["weight", tf.variable(tf.tensor1d([1, 2]))]]);

  Deno.test(`${make.name}() leaves no tensor behind when it steps`, () => {
    const parameters = one();
    const start = tf.memory().numTensors;
    const optimizer = make(parameters);
    const held = tf.memory().numTensors;
    const gradients = new Map([["weight", tf.tensor1d([1, 1])]]);
    const rate = tf.scalar(0.1);
    optimizer.apply(gradients, rate);
    optimizer.apply(gradients, rate);
    gradients.get("weight")!.dispose();
    rate.dispose();
    assert.equal(tf.memory().numTensors, held);
    optimizer.dispose();
    assert.equal(tf.memory().numTensors, start);
  });

  Deno.test(`${make.name}() names the parameter when its gradient is missing or misshapen`, () => {
    const optimizer = make(one());
    assert.throws(
      () => optimizer.apply(new Map(), tf.scalar(1)),
      /TypeError: Cannot update parameter 'weight'.*\[2\].*missing/,
    );
    assert.throws(
      () =>
        optimizer.apply(
          new Map([["weight", tf.tensor2d([[1, 2]])]]),
          tf.scalar(1),
        ),
      /TypeError: Cannot update parameter 'weight'.*\[2\].*\[1,2\]/,
    );
  });

  Deno.test(`${make.name}() refuses an option out of its range`, () => {
    assert.throws(() => make(one(), { weightDecay: -1 }), /RangeError.*-1/);
    assert.throws(() => make(one(), { weightDecay: NaN }), /RangeError.*NaN/);
  });
}

Deno.test("sgd() and adamW() refuse decays of 1, factors below 0 and an epsilon of 0", () => {
  assert.throws(() => sgd(new Map(), { momentum: 1 }), /RangeError.*momentum/);
  assert.throws(
    () => sgd(new Map(), { biases: { rate: -1, decay: 0 } }),
    /RangeError.*biases\.rate/,
  );
  assert.throws(() => adamW(new Map(), { beta1: 1 }), /RangeError.*beta1/);
  assert.throws(() => adamW(new Map(), { beta2: 1 }), /RangeError.*beta2/);
  assert.throws(() => adamW(new Map(), { epsilon: 0 }), /RangeError.*epsilon/);
});

Deno.test("clipGradients() refuses a limit that is not above 0", () => {
  const gradients = new Map([["a", tf.scalar(1)]]);
  assert.throws(() => clipGradients(gradients, 0), /RangeError.*above 0.*0/);
  assert.throws(() => clipGradients(gradients, NaN), /RangeError.*NaN/);
});
