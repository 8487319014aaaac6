import * as tf from "@tensorflow/tfjs-core";

/** Options of the quality focal losses. */
export interface QualityFocalLossOptions {
  /**
   * β, at least 0: how much easy examples are played down. 0 is binary
   * cross-entropy.
   *
   * @default {2}
   */
  beta?: number;
}

/**
 * Fails unless β is a number that QFL is defined for.
 *
 * @param beta β.
 * @throws {RangeError} If it is below 0 or not finite.
 */
export function requireBeta(beta: number): void {
  if (beta >= 0 && Number.isFinite(beta)) return;
  throw new RangeError(
    `Cannot compute QFL: beta must be a finite number of at least 0: current value is ${beta}`,
  );
}

/**
 * sign(x) |x|^exponent, 0 where x is 0, also for an exponent below 0.
 *
 * @param x Any shape.
 * @param exponent Any number.
 * @returns The shape of x.
 */
export function signedPower(x: tf.Tensor, exponent: number): tf.Tensor {
  if (exponent === 0) return tf.sign(x);
  if (exponent === 1) return x; // QFL's own, and tf.pow is slow
  const size = tf.abs(x);
  const safe = tf.where(tf.equal(size, 0), tf.onesLike(size), size);
  return tf.mul(tf.sign(x), tf.pow(safe, exponent));
}
