import type * as tf from "@tensorflow/tfjs-core";

/**
 * What turns gradients into new parameters, with its state in variables, so
 * that a compiled step carries the state from one call to the next and a
 * checkpoint stores it.
 */
export interface Optimizer {
  /** What it updates, by name. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /**
   * Everything the optimizer remembers, by name: `momentum.<parameter>`, …
   * A checkpoint stores these and resuming assigns them.
   */
  readonly state: ReadonlyMap<string, tf.Variable>;

  /**
   * Assigns new values to the parameters and the state.
   *
   * @param gradients One gradient for every parameter, of its shape.
   * @param learningRate A scalar tensor, not a number: a number would be frozen
   * into a compiled step.
   * @throws {TypeError} If a parameter has no gradient or one of another shape.
   */
  apply(
    gradients: ReadonlyMap<string, tf.Tensor>,
    learningRate: tf.Scalar,
  ): void;

  /** Frees the state. The parameters belong to the network. */
  dispose(): void;
}

/**
 * Looks up a parameter's gradient; for optimizers.
 *
 * @param gradients Gradients by parameter name.
 * @param name The parameter's name.
 * @param parameter The parameter.
 * @returns The gradient, of the parameter's shape.
 * @throws {TypeError} If there is none, or one of another shape.
 */
export function gradientOf(
  gradients: ReadonlyMap<string, tf.Tensor>,
  name: string,
  parameter: tf.Tensor,
): tf.Tensor {
  const gradient = gradients.get(name);
  const shape = gradient && `[${gradient.shape}]`;
  if (!gradient || shape !== `[${parameter.shape}]`) {
    throw new TypeError(
      `Cannot update parameter '${name}': its gradient must have its shape ` +
        `[${parameter.shape}]: current gradient is ${shape ?? "missing"}`,
    );
  }
  return gradient;
}
