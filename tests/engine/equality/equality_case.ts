import * as tf from "@tensorflow/tfjs-core";
import { tensorOf } from "../deterministic_values.ts";

/** A step, what it is given and what it changes; as often made, the same. */
export interface PreparedStep {
  readonly step: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;
  /** New tensors for call number `call`, of the same shapes every time. */
  readonly inputs: (call: number) => tf.NamedTensorMap;
  /** The variables that it changes, by name. */
  readonly state: ReadonlyMap<string, tf.Variable>;
  /** What it reads besides. */
  readonly held?: readonly tf.Tensor[];
}

/** Prepares a step of its own. */
export type EqualityCase = () => PreparedStep;

/** Steps by what they are made of: `symbol() when what`. */
export type EqualityCases = Readonly<Record<string, EqualityCase>>;

type Make = (call: number) => tf.Tensor;

/** Numbers in [-scale, scale) that differ from call to call. */
export function noise(shape: number[], seed: number, scale = 1): Make {
  return (call) =>
    tf.tidy(() => tf.mul(tensorOf(shape, seed + 1000 * call), scale));
}

/** The results of a function, by name, of tensors by name. */
type TensorFunction = (given: tf.NamedTensorMap) => tf.NamedTensorMap;

/**
 * A function without state: its results, and the gradients of all of them, each
 * element times a number of its own, with respect to the inputs named in `wrt`.
 */
export function functionCase(
  makers: Readonly<Record<string, Make>>,
  f: TensorFunction,
  wrt: readonly string[] = [],
): EqualityCase {
  return () => {
    const given = (call: number): tf.NamedTensorMap =>
      Object.fromEntries(
        Object.entries(makers).map(([name, make]) => [name, make(call)]),
      );
    const shapes = tf.tidy(() =>
      Object.entries(f(given(0))).map(([name, { shape }]) => ({ name, shape }))
    );
    const slopes = shapes.map(({ name, shape }, i) =>
      [name, noise(shape, 500 + i)] as const
    );
    return {
      state: new Map(),
      inputs: (call) => ({
        ...given(call),
        ...Object.fromEntries(
          slopes.map(([name, make]) => [`slopes of ${name}`, make(call)]),
        ),
      }),
      step: (inputs) => {
        const results = f(inputs);
        if (wrt.length === 0) return results;
        const gradients = gradientsOf(
          () => {
            const products = Object.entries(f(inputs)).map(([name, result]) =>
              tf.sum(tf.mul(result, inputs[`slopes of ${name}`]))
            );
            return tf.addN(products);
          },
          Object.fromEntries(wrt.map((name) => [name, inputs[name]])),
        );
        return { ...results, ...gradients };
      },
    };
  };
}

/** The gradients of a scalar, as `gradient of x`. */
export function gradientsOf(
  f: () => tf.Tensor,
  wrt: Readonly<Record<string, tf.Tensor>>,
): tf.NamedTensorMap {
  const { grads } = tf.engine().gradients(f, Object.values(wrt));
  return Object.fromEntries(
    Object.keys(wrt).map((name, i) => {
      if (!grads[i]) throw new Error(`No gradient reaches '${name}'`);
      return [`gradient of ${name}`, grads[i]];
    }),
  );
}
