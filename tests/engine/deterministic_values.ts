import * as tf from "@tensorflow/tfjs-core";

/**
 * `count` values in [-1, 1) that look random and are the same in every run
 * (mulberry32).
 */
export function valuesOf(count: number, seed: number): Float32Array {
  let state = seed * 0x9e3779b1;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** A tensor of such values. */
export function tensorOf(shape: number[], seed: number): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(valuesOf(count, seed), shape);
}
