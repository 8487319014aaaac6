import { assertClose } from "../../golden.ts";
import type { Pair } from "./replay_beside_eager.ts";

/**
 * Fails where a replayed tensor is off by more than a share of the largest
 * magnitude in the eager one.
 */
export async function assertClosePairs(
  calls: AsyncIterable<ReadonlyMap<string, Pair>>,
  share: number,
): Promise<void> {
  for await (const pairs of calls) {
    for (const [what, { eager, replayed }] of pairs) {
      const absolute = share * magnitude(what, pairs);
      assertClose(replayed, eager, { absolute }, what);
    }
  }
}

/**
 * The largest magnitude in a tensor; where its sums cancel, also in one whose do
 * not, for rounding is as large as the terms:
 *
 * - A norm's bias, with its weight. The gradient of the bias is the sum of the
 *   output's gradients, the weight's is the sum of the same times numbers around
 *   1. Where another norm follows, it takes the bias away again, and the former
 *   sum cancels to less than a thousandth of its terms.
 * - The number that scales a level's box logits, with the bias of the
 *   convolution that gives them. The gradient of the one is the sum, over
 *   thousands of logits around 0, of the terms whose sums by channel are the
 *   other's.
 * - The bias of a convolution whose output a softmax takes, with its weight. The
 *   softmax takes the bias away: the sum over the cells is 0, that of the same
 *   terms times the features is not.
 */
function magnitude(what: string, pairs: ReadonlyMap<string, Pair>): number {
  const own = pairs.get(what)!.eager;
  const weight = pairs.get(what.replace(/bias$/, "weight"))?.eager;
  const boxes = /scales\.\d+\.scale$/.test(what)
    ? pairs.get(what.replace(/scales\.\d+\.scale$/, "gfl_reg.bias"))?.eager
    : undefined;
  const mask = pairs.get(
    what.replace(/(conv_mask(?:_[st])?)\.bias$/, "$1.weight"),
  )?.eager;
  const values = [
    ...own,
    ...(weight?.length === own.length ? weight : []),
    ...(boxes ?? []),
    ...(mask ?? []),
  ];
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
