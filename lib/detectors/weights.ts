import * as tf from "@tensorflow/tfjs-core";
import type { NetworkVariables } from "../nn/scope.ts";
import { matchWeights, type WeightMatch } from "./match_weights.ts";
import {
  fromReference,
  referenceShape,
  toReference,
} from "./reference_layout.ts";

/** A weight on the host, in the reference implementation's layout. */
export interface HostWeight {
  /** Filters are [outChannels, inChannels, kh, kw], as PyTorch's. */
  readonly shape: readonly number[];
  readonly dtype: "float32";
  /** Row-major. */
  readonly data: Float32Array;
}

/** Weights by the reference implementation's names and in its layout. */
export type NamedWeights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
>;

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
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { exportWeights, loadWeights } from "ldlab/detectors/weights.ts";
 *
 * const config = {
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * } as const;
 * const [a, b] = [createDetector(config, { seed: 1 }), createDetector(config, { seed: 2 })];
 * loadWeights(b, await exportWeights(a));
 * assert.deepEqual(await exportWeights(b), await exportWeights(a));
 * a.dispose();
 * b.dispose();
 * ```
 */
export function loadWeights(
  network: NetworkVariables,
  weights: NamedWeights,
): void {
  const { matched, missing, extra, misshaped } = matchWeights(network, weights);
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot load weights: ${quoted(missing)} ` +
        `${
          missing.length > 1 ? "are" : "is"
        } missing among ${weights.size} tensors`,
    );
  }
  refuseMisshaped(misshaped);
  if (extra.length > 0) {
    throw new RangeError(
      `Cannot load weights: the network has no ${quoted(extra)}`,
    );
  }
  assign(network, weights, matched);
}

/**
 * Gives a network those weights of a file that it has, and leaves its others as
 * they are.
 *
 * Use it to start a detector from a classifier's backbone, whose names
 * {@linkcode backboneNames} gives, or from a detector of other classes.
 *
 * @param network A detector, or any network's variables.
 * @param weights By the reference implementation's names and in its layout.
 * @param options.mayDiffer Names of layers, such as `bbox_head.gfl_cls`, whose
 * weights may have other shapes; those are not loaded. Default: none.
 * @returns What was loaded, and what was missing, extra or misshaped.
 * @throws {RangeError} If no name fits.
 * @throws {TypeError} If another shape differs. Nothing is loaded then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { zeros } from "@tensorflow/tfjs-core";
 * import { loadMatchingWeights } from "ldlab/detectors/weights.ts";
 *
 * const [a, b] = [zeros([1]).variable(), zeros([1]).variable()];
 * const network = { parameters: new Map([["a", a], ["b", b]]), buffers: new Map() };
 * const { missing } = loadMatchingWeights(network, new Map([["a", { shape: [1], data: [7] }]]));
 * assert.deepEqual([...await a.data(), ...missing], [7, "b"]);
 * ```
 */
export function loadMatchingWeights(
  network: NetworkVariables,
  weights: NamedWeights,
  { mayDiffer = [] }: { readonly mayDiffer?: readonly string[] } = {},
): WeightMatch {
  const match = matchWeights(network, weights);
  refuseMisshaped(
    match.misshaped.filter(({ name }) =>
      !mayDiffer.some((layer) => name.startsWith(`${layer}.`))
    ),
  );
  if (match.matched.length === 0) {
    throw new RangeError(
      `Cannot load weights: the network has ${
        quoted(match.missing)
      }, none of ` +
        `which is among ${quoted(match.extra)}`,
    );
  }
  assign(network, weights, match.matched);
  return match;
}

function refuseMisshaped(misshaped: WeightMatch["misshaped"]): void {
  if (misshaped.length === 0) return;
  const [{ name, expected, actual }, ...others] = misshaped;
  const more = others.length > 0 ? `; ${others.length} more differ` : "";
  throw new TypeError(
    `Cannot load weights: '${name}' must be [${expected.join(", ")}]: ` +
      `current shape is [${actual.join(", ")}]${more}`,
  );
}

/** The first of some names, and how many others there are. */
function quoted(names: readonly string[]): string {
  const few = names.slice(0, 3).map((name) => `'${name}'`).join(", ");
  return names.length > 3 ? `${few} and ${names.length - 3} more` : few;
}

function assign(
  network: NetworkVariables,
  weights: NamedWeights,
  names: readonly string[],
): void {
  const variables = variablesOf(network);
  for (const name of names) {
    const { shape, data } = weights.get(name)!;
    tf.tidy(() => {
      const value = tf.tensor(Float32Array.from(data), [...shape], "float32");
      variables.get(name)!.assign(fromReference(value));
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
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { exportWeights } from "ldlab/detectors/weights.ts";
 *
 * const detector = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
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
    const value = toReference(variable);
    const data = await value.data<"float32">();
    value.dispose();
    // Backends may hand out their own memory, which the next step changes.
    weights.set(name, { shape, dtype: "float32", data: data.slice() });
  }
  return weights;
}

function variablesOf(network: NetworkVariables): Map<string, tf.Variable> {
  return new Map([...network.parameters, ...network.buffers]);
}
