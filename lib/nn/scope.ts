import * as tf from "@tensorflow/tfjs-core";
import type { Initializer } from "./initializers.ts";
import { createRandom } from "../random/random.ts";

/** The variables of one network, by the reference implementation's names. */
export interface NetworkVariables {
  /** What training changes, in the order in which the network was built. */
  readonly parameters: Map<string, tf.Variable>;
  /** What it keeps besides: running statistics and frozen weights. */
  readonly buffers: Map<string, tf.Variable>;
}

/** A place in a network, where layers make their variables. */
export interface Scope {
  /**
   * The place called `name` inside this one.
   *
   * @param name Joined to this place's name with a dot; "" is this place.
   * @param options.frozen Whether weights made below are kept from training.
   */
  child(name: string, options?: { frozen?: boolean }): Scope;
  /** Whether weights made here are kept from training. */
  readonly frozen: boolean;
  /** Makes a weight that training changes, unless this place is frozen. */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
  ): tf.Variable;
  /** Makes a variable that training leaves alone. */
  buffer(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
  ): tf.Variable;
}

// Names in tfjs's registry of variables must differ between networks.
let networks = 0;

/**
 * Opens the outermost scope of a new network. Layers make their variables in
 * it or in its children, and find them again under the names that the
 * reference implementation gives them (`backbone.layer1.0.conv1.weight`).
 *
 * A variable's first values depend on the seed and its name only.
 *
 * @param options.seed Any integer, or `null` to start all variables at 0.
 * @returns The scope and the variables made in it, empty at first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { openScope } from "ldlab/nn/scope.ts";
 * import { constant } from "ldlab/nn/initializers.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * const scale = scope.child("bn1").parameter("weight", [8], constant(1));
 * assert.equal(variables.parameters.get("bn1.weight"), scale);
 * scale.dispose();
 * ```
 */
export function openScope(
  { seed }: { seed: number | null },
): { scope: Scope; variables: NetworkVariables } {
  const network = `network${networks++}`;
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();

  const make = (
    path: string,
    shape: readonly number[],
    initializer: Initializer,
    trained: boolean,
  ) => {
    if (parameters.has(path) || buffers.has(path)) {
      throw new RangeError(
        `Cannot make a variable: the name '${path}' is taken`,
      );
    }
    const variable = tf.tidy(() => {
      const start = seed === null ? tf.zeros([...shape]) : tf.tensor(
        initializer(shape, createRandom(seed, path)),
        [...shape],
        "float32",
      );
      return tf.variable(start, trained, `${network}/${path}`);
    });
    (trained ? parameters : buffers).set(path, variable);
    return variable;
  };
  const at = (prefix: string, frozen: boolean): Scope => ({
    frozen,
    child: (name, options) =>
      at(
        name === "" ? prefix : `${prefix}${name}.`,
        frozen || (options?.frozen ?? false),
      ),
    parameter: (name, shape, initializer) =>
      make(prefix + name, shape, initializer, !frozen),
    buffer: (name, shape, initializer) =>
      make(prefix + name, shape, initializer, false),
  });
  return { scope: at("", false), variables: { parameters, buffers } };
}
