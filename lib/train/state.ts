import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "./safetensors.ts";

/**
 * Copies variables to the host, for a checkpoint. They must not be assigned to
 * meanwhile.
 *
 * @param variables Variables by name, float32 or int32.
 * @returns Their values by name, in the same order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { readState } from "ldlab/train/state.ts";
 *
 * await tf.setBackend("cpu");
 * const state = await readState(new Map([["w", tf.variable(tf.tensor1d([1, 2]))]]));
 * assert.deepEqual(state.get("w"), {
 *   shape: [2],
 *   dtype: "float32",
 *   data: new Float32Array([1, 2]),
 * });
 * ```
 */
export async function readState(
  variables: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  // One after another: all at once, their copies would hold up the event loop.
  for (const [name, variable] of variables) {
    const data = await variable.data() as Float32Array | Int32Array;
    const dtype = variable.dtype as "float32" | "int32";
    tensors.set(name, { shape: variable.shape, dtype, data });
  }
  return tensors;
}

/**
 * Puts values read by {@linkcode readState} back into variables, all or none.
 *
 * @param variables Variables by name.
 * @param tensors Values by name, exactly one for every variable.
 * @param source Named in errors, for example the checkpoint's path.
 * @throws {TypeError} If the two do not fit: names the first mismatch. No
 * variable has been changed then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { readState, restoreState } from "ldlab/train/state.ts";
 *
 * await tf.setBackend("cpu");
 * const state = new Map([["w", tf.variable(tf.tensor1d([1, 2]))]]);
 * const saved = await readState(state);
 * state.get("w")!.assign(tf.tensor1d([8, 9]));
 * restoreState(state, saved, "the test");
 * assert.deepEqual([...await state.get("w")!.data()], [1, 2]);
 *
 * const other = new Map([["w", tf.variable(tf.tensor1d([1, 2, 3]))]]);
 * assert.throws(() => restoreState(other, saved, "the test"), TypeError);
 * ```
 */
export function restoreState(
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: ReadonlyMap<string, HostTensor>,
  source: string,
): void {
  const misfit = (why: string) =>
    new TypeError(
      `Cannot use ${source}: it was written by another architecture: ${why}`,
    );
  for (const [name, { shape, dtype }] of variables) {
    const stored = tensors.get(name);
    if (!stored) throw misfit(`'${name}' [${shape}] is missing in it`);
    if (`${stored.shape}` !== `${shape}` || stored.dtype !== dtype) {
      throw misfit(
        `'${name}' is ${dtype} [${shape}] here and ${stored.dtype} ` +
          `[${stored.shape}] in it`,
      );
    }
  }
  for (const [name, { shape }] of tensors) {
    if (!variables.has(name)) {
      throw misfit(`its '${name}' [${shape}] does not exist here`);
    }
  }
  for (const [name, variable] of variables) {
    const { shape, dtype, data } = tensors.get(name)!;
    const value = tf.tensor(data, [...shape], dtype as "float32" | "int32");
    variable.assign(value);
    value.dispose();
  }
}
