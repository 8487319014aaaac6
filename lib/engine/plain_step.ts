import * as tf from "@tensorflow/tfjs-core";
import { callStep } from "./call_step.ts";
import { collectKept, lastTensorId } from "./kept_tensors.ts";

/**
 * Runs a step as it is, with the same manners as a recorded one: its outputs are
 * fresh tensors, each of its own, and belong to the caller.
 *
 * @param name The step's name, for errors.
 */
export async function runPlain<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
>(name: string, step: (inputs: I) => O, inputs: I): Promise<O> {
  const last = lastTensorId();
  const held = tf.tidy(() => {
    const outputs = freeIfItFails(() => callStep(name, step, inputs));
    const clones = cloned(outputs, (output) => tf.keep(tf.clone(output)));
    for (const output of Object.values(outputs)) {
      // Also those that the step kept for its caller.
      const own = output.id > last && !(output instanceof tf.Variable);
      if (own) output.dispose();
    }
    return clones;
  });
  await null; // leaves the tf.tidy in which the step may have been called
  const outputs = cloned(held, tf.clone);
  tf.dispose(held);
  return outputs;
}

/** Runs a step; where it fails, frees what it made to stay. */
function freeIfItFails<T>(run: () => T): T {
  const kept: tf.Tensor[] = [];
  const variables = new Set(registered());
  try {
    return collectKept(kept, run);
  } catch (error) {
    tf.dispose([kept, registered().filter((made) => !variables.has(made))]);
    throw error;
  }
}

function registered(): tf.Variable[] {
  return Object.values(tf.engine().state.registeredVariables);
}

function cloned<T extends tf.NamedTensorMap>(
  tensors: T,
  clone: (tensor: tf.Tensor) => tf.Tensor,
): T {
  const entries = Object.entries(tensors);
  return Object.fromEntries(entries.map(([k, t]) => [k, clone(t)])) as T;
}
