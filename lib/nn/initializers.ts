import { type Random, standardNormal, uniform } from "../random/random.ts";

/** Makes a parameter's first values, row-major, for a shape. */
export type Initializer = (
  shape: readonly number[],
  random: Random,
) => Float32Array;

/**
 * Every value the same: norm scales and biases.
 *
 * @param value The value.
 * @returns The initialiser, for any shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { constant } from "ldlab/nn/initializers.ts";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * assert.deepEqual(constant(2)([3], createRandom(0)), new Float32Array([2, 2, 2]));
 * ```
 */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(size(shape)).fill(value);
}

/**
 * Uniform values around 0. With a limit of 1 / √fan-in it is how PyTorch starts a
 * convolution, filter and bias, that nothing else is said about.
 *
 * @param limit The largest magnitude, at least 0.
 * @returns The initialiser, for any shape; values in [−limit, limit).
 * @see PyTorch: `Conv2d.reset_parameters`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { uniformWithin } from "ldlab/nn/initializers.ts";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * const values = uniformWithin(0.5)([3, 3, 8, 8], createRandom(0));
 * assert.ok(values.every((value) => Math.abs(value) <= 0.5));
 * assert.ok(values.some((value) => value < -0.4) && values.some((value) => value > 0.4));
 * ```
 */
export function uniformWithin(limit: number): Initializer {
  return (shape, random) =>
    new Float32Array(size(shape)).map(() => uniform(random, -limit, limit));
}

/**
 * Normal values around 0: the convolutions of dense heads.
 *
 * @param deviation Standard deviation, at least 0; the heads use 0.01.
 * @returns The initialiser, for any shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { normal } from "ldlab/nn/initializers.ts";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * const values = normal(0.01)([3, 3, 8, 8], createRandom(0));
 * assert.ok(values.every((value) => Math.abs(value) < 0.06));
 * ```
 */
export function normal(deviation: number): Initializer {
  return (shape, random) =>
    new Float32Array(size(shape)).map(() => deviation * standardNormal(random));
}

/**
 * He's normal initialiser in its fan-out form, which keeps the variance of
 * gradients through ReLU layers: the backbones' convolutions.
 *
 * deviation = √(2 / (kh · kw · outChannels))
 *
 * @returns The initialiser, for filters [kh, kw, inChannels, outChannels].
 * @see He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2;
 * PyTorch: `kaiming_normal_(mode="fan_out", nonlinearity="relu")`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kaimingNormal } from "ldlab/nn/initializers.ts";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * const values = kaimingNormal()([3, 3, 16, 32], createRandom(0));
 * const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
 * assert.ok(Math.abs(variance / (2 / (9 * 32)) - 1) < 0.1);
 * ```
 */
export function kaimingNormal(): Initializer {
  return (shape, random) =>
    normal(Math.sqrt(2 / fans(shape).out))(shape, random);
}

/**
 * Glorot's uniform initialiser, which balances the variance of activations and
 * gradients through linear layers: the feature pyramid's convolutions.
 *
 * limit = √(6 / (kh · kw · (inChannels + outChannels)))
 *
 * @returns The initialiser, for filters [kh, kw, inChannels, outChannels];
 * values in (−limit, limit).
 * @see Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010, eq. 16; PyTorch:
 * `xavier_uniform_`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { xavierUniform } from "ldlab/nn/initializers.ts";
 * import { createRandom } from "ldlab/random/random.ts";
 *
 * const values = xavierUniform()([1, 1, 2, 4], createRandom(0));
 * assert.ok(values.every((value) => Math.abs(value) <= 1));
 * ```
 */
export function xavierUniform(): Initializer {
  return (shape, random) => {
    const fan = fans(shape);
    return uniformWithin(Math.sqrt(6 / (fan.in + fan.out)))(shape, random);
  };
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function fans(shape: readonly number[]): { in: number; out: number } {
  if (shape.length !== 4) {
    throw new TypeError(
      `Cannot initialise a filter: the shape must be [kh, kw, in, out]: current shape is [${
        shape.join(", ")
      }]`,
    );
  }
  const [height, width, inChannels, outChannels] = shape;
  return {
    in: height * width * inChannels,
    out: height * width * outChannels,
  };
}
