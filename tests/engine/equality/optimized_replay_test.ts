import { openEngine } from "ldlab/engine/mod.ts";
import { assertClose } from "../../golden.ts";
import { equalityCases } from "./cases.ts";
import { type Pair, replayBesideEager } from "./replay_beside_eager.ts";

const CALLS = 20;

await openEngine({ backend: "tensorflow" });

for (const [name, prepare] of Object.entries(equalityCases)) {
  Deno.test(`compile() replays ${name} to 1e-5 of the largest magnitude, optimized`, async () => {
    const options = { calls: CALLS, sameState: true };
    for await (const pairs of replayBesideEager(prepare, options)) {
      for (const [what, { eager, replayed }] of pairs) {
        const absolute = 1e-5 * magnitude(what, pairs);
        assertClose(replayed, eager, { absolute }, what);
      }
    }
  });
}

/**
 * The largest magnitude in a tensor; for a norm's bias also that in the same
 * tensor of its weight. The gradient of the bias is the sum of the output's
 * gradients, the weight's is the sum of the same times numbers around 1. Where
 * another norm follows, it takes the bias away again, and the former sum cancels
 * to less than a thousandth of its terms, and keeps the rounding of the terms.
 */
function magnitude(what: string, pairs: ReadonlyMap<string, Pair>): number {
  const values = pairs.get(what)!.eager;
  const weight = pairs.get(what.replace(/bias$/, "weight"))?.eager;
  const both = weight?.length === values.length
    ? [...values, ...weight]
    : [...values];
  return both.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
