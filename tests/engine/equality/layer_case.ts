import * as tf from "@tensorflow/tfjs-core";
import {
  type NetworkVariables,
  openScope,
  type Scope,
} from "ldlab/nn/scope.ts";
import { type EqualityCase, gradientsOf, noise } from "./equality_case.ts";

/** What has variables and makes tensors by name of one [B, H, W, C]. */
interface Network {
  readonly variables: NetworkVariables;
  readonly forward: (x: tf.Tensor4D) => tf.NamedTensorMap;
}

/** A layer made in a scope: its output and gradients, and its state. */
export function layerCase(
  build: (scope: Scope) => (x: tf.Tensor4D) => tf.Tensor,
  shape: number[],
): EqualityCase {
  return networkCase(() => {
    const { scope, variables } = openScope({ seed: 1 });
    const layer = build(scope);
    return { variables, forward: (x) => ({ y: layer(x) }) };
  }, shape);
}

/**
 * A network's outputs, and the gradients of all of them, each element times a
 * number of its own, with respect to the input and the parameters. Its state is
 * moved by the network itself and by a small step against the gradients, clipped.
 */
export function networkCase(
  build: () => Network,
  shape: number[],
): EqualityCase {
  return () => {
    const { variables: { parameters, buffers }, forward } = build();
    const state = new Map([...parameters, ...buffers]);
    const input = (call: number) =>
      tf.tidy(() => tf.add(noise(shape, 1, 2)(call), 0.5)) as tf.Tensor4D;
    const shapes = tf.tidy(() =>
      Object.entries(forward(input(0))).map(([name, { shape }]) => ({
        name,
        shape,
      }))
    );
    const slopes = shapes.map(({ name, shape }, i) =>
      [name, noise(shape, 500 + i)] as const
    );
    stir(state);
    return {
      state,
      inputs: (call) => ({
        x: input(call),
        ...Object.fromEntries(
          slopes.map(([name, make]) => [`slopes of ${name}`, make(call)]),
        ),
      }),
      step: (inputs) => {
        let outputs: tf.NamedTensorMap = {};
        const x = inputs.x as tf.Tensor4D;
        const gradients = gradientsOf(() => {
          outputs = forward(x);
          const products = Object.entries(outputs).map(([name, output]) =>
            tf.sum(tf.mul(tf.keep(output), inputs[`slopes of ${name}`]))
          );
          return tf.addN(products);
        }, { x, ...Object.fromEntries(parameters) });
        const results: tf.NamedTensorMap = {};
        for (const [name, output] of Object.entries(outputs)) {
          results[name] = tf.clone(output);
          output.dispose(); // kept beyond the gradients' own tidy
        }
        for (const [name, parameter] of parameters) {
          const gradient = gradients[`gradient of ${name}`];
          const change = tf.mul(tf.clipByValue(gradient, -1, 1), 0.01);
          parameter.assign(tf.sub(parameter, change));
        }
        return { ...results, ...gradients };
      },
    };
  };
}

/** Moves variables from where they start, where many are 0 or 1. */
export function stir(variables: ReadonlyMap<string, tf.Variable>): void {
  let seed = 1;
  for (const variable of variables.values()) {
    const [by, off] = [0.3, 0.05].map((s) => noise(variable.shape, seed++, s));
    tf.tidy(() => {
      const scaled = tf.mul(variable, tf.add(1, by(0)));
      variable.assign(tf.add(scaled, off(0)));
    });
  }
}
