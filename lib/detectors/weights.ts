import * as tf from "@tensorflow/tfjs-core";
import type { NetworkVariables } from "../nn/scope.ts";

/** A weight on the host, in the reference implementation's layout. */
export interface HostWeight {
  /** Filters are [outChannels, inChannels, kh, kw], as PyTorch's. */
  readonly shape: readonly number[];
  readonly dtype: "float32";
  /** Row-major. */
  readonly data: Float32Array;
}

// What MMDetection's checkpoints hold besides weights and running statistics:
// a counter, and the constant 0 … regMax.
const NOT_WEIGHTS = /(^|\.)(num_batches_tracked|integral\.project)$/;

/**
 * Gives a network the weights of a checkpoint, PyTorch's or our own. All names
 * and shapes are checked before any weight changes.
 *
 * @param network A detector, or any network's variables.
 * @param weights By the reference implementation's names and in its layout; may
 * hold the counters of batch norms, which have no use here.
 * @throws {RangeError} If a name is missing or unknown.
 * @throws {TypeError} If a shape differs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createGfl } from "ldlab/detectors/gfl.ts";
 * import { exportWeights, loadWeights } from "ldlab/detectors/weights.ts";
 *
 * const config = {
 *   numClasses: 3, depth: 18, baseWidth: 4, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * } as const;
 * const [a, b] = [createGfl(config, { seed: 1 }), createGfl(config, { seed: 2 })];
 * loadWeights(b, await exportWeights(a));
 * assert.deepEqual(await exportWeights(b), await exportWeights(a));
 * a.dispose();
 * b.dispose();
 * ```
 */
export function loadWeights(
  network: NetworkVariables,
  weights: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  >,
): void {
  const variables = variablesOf(network);
  for (const [name, variable] of variables) {
    const weight = weights.get(name);
    if (!weight) {
      throw new RangeError(
        `Cannot load weights: '${name}' is missing among ${weights.size} tensors`,
      );
    }
    const expected = referenceShape(variable);
    if (`${weight.shape}` !== `${expected}`) {
      throw new TypeError(
        `Cannot load weights: '${name}' must be [${expected.join(", ")}]: ` +
          `current shape is [${weight.shape.join(", ")}]`,
      );
    }
  }
  for (const name of weights.keys()) {
    if (!variables.has(name) && !NOT_WEIGHTS.test(name)) {
      throw new RangeError(
        `Cannot load weights: the network has no '${name}'`,
      );
    }
  }
  for (const [name, variable] of variables) {
    const { shape, data } = weights.get(name)!;
    tf.tidy(() => {
      const value = tf.tensor(Float32Array.from(data), [...shape], "float32");
      variable.assign(
        shape.length === 4 ? tf.transpose(value, [2, 3, 1, 0]) : value,
      );
    });
  }
}

/**
 * Takes a network's weights and running statistics to the host, under the
 * names and in the layout of the reference implementation, so that PyTorch can
 * load them.
 *
 * @param network A detector, or any network's variables.
 * @returns The weights by name: parameters first, then buffers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createGfl } from "ldlab/detectors/gfl.ts";
 * import { exportWeights } from "ldlab/detectors/weights.ts";
 *
 * const detector = createGfl({
 *   numClasses: 3, depth: 18, baseWidth: 4, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const weights = await exportWeights(detector);
 * assert.deepEqual(weights.get("backbone.conv1.weight")!.shape, [4, 3, 7, 7]);
 * detector.dispose();
 * ```
 */
export async function exportWeights(
  network: NetworkVariables,
): Promise<Map<string, HostWeight>> {
  const weights = new Map<string, HostWeight>();
  for (const [name, variable] of variablesOf(network)) {
    const shape = referenceShape(variable);
    let data: Float32Array;
    if (variable.rank === 4) {
      const filter = tf.transpose(variable as tf.Tensor, [3, 2, 0, 1]);
      data = await filter.data<"float32">();
      filter.dispose();
    } else {
      data = await variable.data<"float32">();
    }
    // Backends may hand out their own memory, which the next step changes.
    weights.set(name, { shape, dtype: "float32", data: data.slice() });
  }
  return weights;
}

function variablesOf(network: NetworkVariables): Map<string, tf.Variable> {
  return new Map([...network.parameters, ...network.buffers]);
}

// Filters are [kh, kw, in, out] here and [out, in, kh, kw] in PyTorch.
function referenceShape({ shape }: tf.Variable): readonly number[] {
  return shape.length === 4
    ? [shape[3], shape[2], shape[0], shape[1]]
    : [...shape];
}
