import * as tf from "@tensorflow/tfjs-core";
import type { Scope } from "ldlab/nn/scope.ts";

/**
 * A scope whose variables are given tensors, so that gradients reach them, and
 * which notes what a layer assigns instead of assigning it. Names are those
 * that a network's own scope gives, from `prefix` on.
 */
export function givenScope(
  given: Record<string, tf.Tensor>,
  assigned: Record<string, tf.Tensor> = {},
  prefix = "",
): Scope {
  return {
    frozen: false,
    child: (name) => givenScope(given, assigned, `${prefix}${name}.`),
    parameter: (name) => given[prefix + name] as tf.Variable,
    buffer: (name) =>
      Object.assign(tf.clone(given[prefix + name]), {
        assign: (value: tf.Tensor) => {
          assigned[prefix + name] = value;
        },
      }) as unknown as tf.Variable,
  };
}
