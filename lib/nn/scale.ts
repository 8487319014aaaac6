import * as tf from "@tensorflow/tfjs-core";
import { constant } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes a layer that multiplies by one learnt number, 1 at first. A head that
 * is shared over pyramid levels has one per level for its box logits.
 *
 * @param scope Where `scale` [] is made.
 * @returns The layer; the shape stays.
 * @see Tian et al., "FCOS", ICCV 2019, section 3.2; mmcv's `Scale`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { openScope } from "ldlab/nn/scope.ts";
 * import { scale } from "ldlab/nn/scale.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * const layer = scale(scope.child("scales.0"));
 * variables.parameters.get("scales.0.scale")!.assign(tf.scalar(3));
 * assert.deepEqual([...await layer(tf.tensor1d([1, 2])).data()], [3, 6]);
 * ```
 */
export function scale(scope: Scope): <T extends tf.Tensor>(x: T) => T {
  const factor = scope.parameter("scale", [], constant(1));
  return (x) => tf.mul(x, factor);
}
