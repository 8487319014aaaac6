import * as tf from "@tensorflow/tfjs-core";
import type { TensorflowBackend } from "./tensorflow_backend.ts";

/**
 * Second owners of the inputs, so that the caller may dispose its own, and change
 * the arrays it made them of.
 */
export function hold<I extends tf.NamedTensorMap>(
  inputs: I,
  backend: TensorflowBackend | null,
): I {
  const held: tf.NamedTensorMap = {};
  try {
    for (const key of Object.keys(inputs).sort()) {
      held[key] = tf.keep(tf.clone(inputs[key]));
      backend?.idOf(held[key]); // uploads
    }
    return held as I;
  } catch (error) {
    tf.dispose(held);
    throw error;
  }
}

/** Names, types and shapes of the inputs. */
export function signature(inputs: tf.NamedTensorMap): string {
  return Object.keys(inputs)
    .map((name) => `${name}:${inputs[name].dtype}[${inputs[name].shape}]`)
    .join();
}
