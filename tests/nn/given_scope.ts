import * as tf from "@tensorflow/tfjs-core";
import type { Scope } from "ldlab/nn/scope.ts";

/**
 * A scope whose variables are given tensors, so that gradients reach them, and
 * which notes what a layer assigns instead of assigning it.
 */
export function givenScope(
  given: Record<string, tf.Tensor>,
  assigned: Record<string, tf.Tensor> = {},
): Scope {
  const find = (name: string) => given[name] as tf.Variable;
  const scope: Scope = {
    frozen: false,
    child: () => scope,
    parameter: find,
    buffer: (name) =>
      Object.assign(tf.clone(given[name]), {
        assign: (value: tf.Tensor) => {
          assigned[name] = value;
        },
      }) as unknown as tf.Variable,
  };
  return scope;
}
