import type { NetworkVariables } from "../nn/scope.ts";
import { referenceShape } from "./reference_layout.ts";

/** How the weights of a file and a network's variables fit together. */
export interface WeightMatch {
  /** Names that both have, with equal shapes. */
  readonly matched: readonly string[];
  /** Names that only the network has. */
  readonly missing: readonly string[];
  /** Names that only the file has, batch norms' counters left out. */
  readonly extra: readonly string[];
  /** Names that both have, with different shapes, both in PyTorch's layout. */
  readonly misshaped: readonly {
    readonly name: string;
    readonly expected: readonly number[];
    readonly actual: readonly number[];
  }[];
}

// What MMDetection's checkpoints hold besides weights and running statistics:
// a counter, and the constant 0 … regMax.
const NOT_WEIGHTS = /(^|\.)(num_batches_tracked|integral\.project)$/;

/**
 * Compares the names and shapes of weights with a network's, and changes
 * nothing.
 *
 * Use it to see what a file would load before {@linkcode loadWeights}, which
 * takes only weights that fit without a remainder, or
 * {@linkcode loadMatchingWeights}.
 *
 * @param network A detector, or any network's variables.
 * @param weights By the reference implementation's names and in its layout.
 * @returns Every name of both, in one of four lists: the network's in its order,
 * then the file's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { matchWeights } from "ldlab/detectors/match_weights.ts";
 * import { zeros } from "@tensorflow/tfjs-core";
 *
 * const filter = zeros([3, 3, 8, 16]).variable();
 * const network = { parameters: new Map([["conv.weight", filter]]), buffers: new Map() };
 * const file = new Map([["conv.weight", { shape: [16, 8, 3, 3] }], ["fc.bias", { shape: [2] }]]);
 * const { matched, extra } = matchWeights(network, file);
 * assert.deepEqual([matched, extra], [["conv.weight"], ["fc.bias"]]);
 * ```
 */
export function matchWeights(
  network: NetworkVariables,
  weights: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): WeightMatch {
  const variables = new Map([...network.parameters, ...network.buffers]);
  const matched: string[] = [];
  const missing: string[] = [];
  const misshaped: WeightMatch["misshaped"][number][] = [];
  for (const [name, variable] of variables) {
    const weight = weights.get(name);
    if (!weight) {
      missing.push(name);
      continue;
    }
    const expected = referenceShape(variable);
    const actual = weight.shape;
    if (`${actual}` === `${expected}`) matched.push(name);
    else misshaped.push({ name, expected, actual });
  }
  const extra = [...weights.keys()].filter((name) =>
    !variables.has(name) && !NOT_WEIGHTS.test(name)
  );
  return { matched, missing, extra, misshaped };
}
