import * as tf from "@tensorflow/tfjs-core";
import { gradientOf, type Optimizer } from "./optimizer.ts";

/** What {@linkcode adamW} can be told. */
export interface AdamWOptions {
  /** Decay of the mean of the gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the squares, above 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Share of a parameter lost per unit of learning rate. Default 0.01. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay, as PyTorch defines it: the optimizer of the
 * small scale, where training from scratch in a few hundred steps needs it.
 *
 * With gradient g, parameter p, learning rate η, step count t and weight
 * decay λ: `p ← (1 − η·λ)·p`, `m ← β1·m + (1 − β1)·g`,
 * `v ← β2·v + (1 − β2)·g²`,
 * `p ← p − η·(m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε)`.
 *
 * t is part of the state: a count kept in JavaScript would be frozen into a
 * compiled step, and lost by a resumed run. `1 − β^t` is computed as
 * `−expm1(t·ln β)`, because float32 has lost four digits of `1 − 0.999`.
 *
 * @param parameters The variables to train, by name. All of them decay.
 * @param options See {@linkcode AdamWOptions}.
 * @returns An optimizer whose state is `step` and one `mean.<parameter>` and
 * `square.<parameter>` per parameter; free it with `dispose()`.
 * @throws {RangeError} If an option is out of its range.
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
 * 2019, algorithm 2 with PyTorch's decay η·λ (the paper scales λ by a schedule
 * of its own), https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { adamW } from "ldlab/train/adam_w.ts";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.tensor1d([1, -2]));
 * const optimizer = adamW(new Map([["weight", weight]]), { weightDecay: 0 });
 * const gradients = new Map([["weight", tf.tensor1d([1e-3, 5])]]);
 * optimizer.apply(gradients, tf.scalar(0.25));
 * // The first step is the learning rate, whatever the gradient's size.
 * const [a, b] = await weight.data();
 * assert.ok(Math.abs(a - 0.75) < 1e-5 && Math.abs(b + 2.25) < 1e-5);
 * optimizer.dispose();
 * ```
 */
export function adamW(
  parameters: ReadonlyMap<string, tf.Variable>,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }:
    AdamWOptions = {},
): Optimizer {
  const check = (name: string, value: number, ok: boolean, range: string) => {
    if (ok) return;
    throw new RangeError(
      `Cannot make AdamW: ${name} must be ${range}: current value is ${value}`,
    );
  };
  check("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
  check("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
  check("epsilon", epsilon, epsilon > 0 && epsilon < Infinity, "above 0");
  check(
    "weightDecay",
    weightDecay,
    weightDecay >= 0 && weightDecay < Infinity,
    "at least 0",
  );
  const state = new Map<string, tf.Variable>();
  tf.tidy(() => {
    state.set("step", tf.variable(tf.scalar(0), false));
    for (const [name, parameter] of parameters) {
      const zeros = tf.zeros(parameter.shape);
      state.set(`mean.${name}`, tf.variable(zeros, false));
      state.set(`square.${name}`, tf.variable(zeros, false));
    }
  });
  return {
    parameters,
    state,
    apply: (gradients, learningRate) =>
      tf.tidy(() => {
        const step = state.get("step")!;
        step.assign(tf.add(step, 1));
        const correction = (beta: number) =>
          tf.neg(tf.expm1(tf.mul(step, Math.log(beta))));
        const rate = tf.div(learningRate, correction(beta1));
        const squareRoot = tf.sqrt(correction(beta2));
        const kept = tf.sub(1, tf.mul(learningRate, weightDecay));
        for (const [name, parameter] of parameters) {
          const gradient = gradientOf(gradients, name, parameter);
          const mean = state.get(`mean.${name}`)!;
          const square = state.get(`square.${name}`)!;
          mean.assign(
            tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)),
          );
          square.assign(
            tf.add(
              tf.mul(square, beta2),
              tf.mul(tf.square(gradient), 1 - beta2),
            ),
          );
          const root = tf.add(tf.div(tf.sqrt(square), squareRoot), epsilon);
          parameter.assign(
            tf.sub(
              tf.mul(parameter, kept),
              tf.mul(tf.div(mean, root), rate),
            ),
          );
        }
      }),
    dispose: () => state.forEach((variable) => variable.dispose()),
  };
}
