import * as tf from "@tensorflow/tfjs-core";

/**
 * Scales all gradients together so that their common norm is at most a limit.
 * Use it where one bad batch can throw a network trained from scratch off.
 *
 * With `N = √(Σ g²)` over all gradients: `g ← g · min(1, limit / (N + 1e-6))`.
 * With the limit Infinity nothing is scaled and the norm is still reported.
 *
 * @param gradients Gradients by parameter name, any shapes, at least one.
 * @param limit The largest norm allowed, above 0.
 * @returns The scaled gradients and the norm N before scaling, a scalar.
 * @throws {RangeError} If the limit is not above 0.
 * @see torch.nn.utils.clip_grad_norm_ with its 1e-6; Pascanu et al., "On the
 * difficulty of training recurrent neural networks", ICML 2013, section 3.2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { clipGradients } from "ldlab/train/clip_gradients.ts";
 *
 * await tf.setBackend("cpu");
 * const gradients = new Map([
 *   ["a", tf.tensor1d([3])],
 *   ["b", tf.tensor1d([0, 4])],
 * ]);
 * const { norm, clipped } = clipGradients(gradients, 1);
 * assert.equal((await norm.data())[0], 5);
 * const [, b] = await clipped.get("b")!.data();
 * assert.ok(Math.abs(b - 0.8) < 1e-6);
 * ```
 */
export function clipGradients(
  gradients: ReadonlyMap<string, tf.Tensor>,
  limit: number,
): { clipped: Map<string, tf.Tensor>; norm: tf.Scalar } {
  if (!(limit > 0)) {
    throw new RangeError(
      `Cannot clip gradients: the limit must be above 0: current value is ` +
        limit,
    );
  }
  const halves = [...gradients.values()].map(halfTheSquares);
  const norm = tf.sqrt(tf.mul(tf.addN(halves), 2)) as tf.Scalar;
  if (limit === Infinity) return { clipped: new Map(gradients), norm };
  const scale = tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6)));
  const clipped = new Map<string, tf.Tensor>();
  for (const [name, gradient] of gradients) {
    clipped.set(name, tf.mul(gradient, scale));
  }
  return { clipped, norm };
}

/** Σ x²/2, in one pass where there is a kernel for it. */
function halfTheSquares(x: tf.Tensor): tf.Scalar {
  return tf.getKernel("L2Loss", tf.getBackend())
    ? tf.engine().runKernel("L2Loss", { x }) as tf.Scalar
    : tf.mul(tf.sum(tf.square(x)), 0.5);
}
