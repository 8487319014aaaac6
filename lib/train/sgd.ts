import * as tf from "@tensorflow/tfjs-core";
import { gradientOf, type Optimizer } from "./optimizer.ts";

/** What {@linkcode sgd} can be told. */
export interface SgdOptions {
  /** How much of the last update stays, in [0, 1). Default 0.9. */
  readonly momentum?: number;
  /** L2 penalty, added to every gradient, at least 0. Default 1e-4. */
  readonly weightDecay?: number;
  /**
   * What the learning rate and the weight decay of the biases of convolutions
   * are multiplied by, each at least 0; not those of norms, nor of what tells
   * deformable convolutions where to look. 1 and 1 unless given.
   */
  readonly biases?: { readonly rate: number; readonly decay: number };
}

/**
 * Stochastic gradient descent with momentum, as PyTorch defines it: the
 * optimizer of the published localization-distillation runs.
 *
 * With gradient g, parameter p, learning rate η, momentum m and weight decay λ:
 * `v ← m·v + g + λ·p`, `p ← p − η·v`. The learning rate is outside the momentum
 * (in Sutskever's form it is inside: `v ← m·v − η·g`), so a change of the rate
 * acts at once on the whole update.
 *
 * @param parameters The variables to train, by name. All of them decay, biases
 * and norms too, as in the reference configurations but FCOS's, whose `biases`
 * are `{ rate: 2, decay: 0 }`.
 * @param options See {@linkcode SgdOptions}.
 * @returns An optimizer whose state is one `momentum.<parameter>` per
 * parameter; free it with `dispose()`.
 * @throws {RangeError} If an option is out of its range.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html;
 * Sutskever et al., "On the importance of initialization and momentum in deep
 * learning", ICML 2013; `bias_lr_mult` and `bias_decay_mult` of mmcv 1.x's
 * `DefaultOptimizerConstructor`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { sgd } from "ldlab/train/sgd.ts";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.tensor1d([1, -2]));
 * const optimizer = sgd(new Map([["weight", weight]]), {
 *   momentum: 0.5,
 *   weightDecay: 0,
 * });
 * const gradients = new Map([["weight", tf.tensor1d([1, 2])]]);
 * optimizer.apply(gradients, tf.scalar(0.25)); // v = g
 * optimizer.apply(gradients, tf.scalar(0.25)); // v = 0.5 g + g
 * assert.deepEqual([...await weight.data()], [1 - 0.625, -2 - 1.25]);
 * optimizer.dispose();
 * ```
 */
export function sgd(
  parameters: ReadonlyMap<string, tf.Variable>,
  { momentum = 0.9, weightDecay = 1e-4, biases = { rate: 1, decay: 1 } }:
    SgdOptions = {},
): Optimizer {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(
      `Cannot make SGD: momentum must be in [0, 1): current value is ${momentum}`,
    );
  }
  if (!(weightDecay >= 0 && weightDecay < Infinity)) {
    throw new RangeError(
      `Cannot make SGD: weightDecay must be at least 0: current value is ` +
        weightDecay,
    );
  }
  for (const [name, factor] of Object.entries(biases)) {
    if (factor >= 0 && factor < Infinity) continue;
    throw new RangeError(
      `Cannot make SGD: biases.${name} must be at least 0: current value is ` +
        factor,
    );
  }
  const state = new Map<string, tf.Variable>();
  for (const [name, parameter] of parameters) {
    const zeros = tf.zeros(parameter.shape);
    state.set(`momentum.${name}`, tf.variable(zeros, false));
    zeros.dispose();
  }
  return {
    parameters,
    state,
    apply: (gradients, learningRate) =>
      tf.tidy(() => {
        for (const [name, parameter] of parameters) {
          const gradient = gradientOf(gradients, name, parameter);
          const velocity = state.get(`momentum.${name}`)!;
          const factors = isConvolutionBias(name, parameters)
            ? biases
            : { rate: 1, decay: 1 };
          const decay = weightDecay * factors.decay;
          const decayed = tf.add(gradient, tf.mul(parameter, decay));
          velocity.assign(tf.add(tf.mul(velocity, momentum), decayed));
          const rate = factors.rate === 1
            ? learningRate
            : tf.mul(learningRate, factors.rate);
          parameter.assign(tf.sub(parameter, tf.mul(velocity, rate)));
        }
      }),
    dispose: () => state.forEach((variable) => variable.dispose()),
  };
}

/** A norm's weights are a vector, one for each channel. */
function isConvolutionBias(
  name: string,
  parameters: ReadonlyMap<string, tf.Variable>,
): boolean {
  if (!name.endsWith(".bias") || name.endsWith("conv_offset.bias")) {
    return false;
  }
  const weight = parameters.get(name.replace(/bias$/, "weight"));
  return weight !== undefined && weight.rank > 1;
}
