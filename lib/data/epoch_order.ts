import { createRandom, integerBelow } from "../random/random.ts";

/**
 * The order in which an epoch visits the samples: a shuffle that depends on
 * nothing but its arguments.
 *
 * Use it to know which sample stands at a position without having drawn those
 * before it, as a resumed run must.
 *
 * @param seed The run's seed for data, an integer.
 * @param epoch The epoch, from 0.
 * @param count How many samples there are.
 * @returns A permutation of 0 to `count` − 1.
 * @see Durstenfeld's version of the Fisher–Yates shuffle, CACM 7 (1964).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { epochOrder } from "ldlab/data/epoch_order.ts";
 *
 * const order = epochOrder(1, 0, 5);
 * assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4]);
 * assert.deepEqual(epochOrder(1, 0, 5), order);
 * ```
 */
export function epochOrder(
  seed: number,
  epoch: number,
  count: number,
): Uint32Array {
  const random = createRandom(seed, epoch);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = integerBelow(random, last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
