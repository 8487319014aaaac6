import { openEngine } from "ldlab/engine/mod.ts";
import { equalityCases } from "./cases.ts";
import { assertClosePairs } from "./close_pairs.ts";
import { replayBesideEager } from "./replay_beside_eager.ts";

const CALLS = 20;
/** Sums as long as a network's gradients round differently in another order. */
const WHOLE_NETWORK = /createDetector|training step|distillation step/;

await openEngine({ backend: "tensorflow", optimize: true });

for (const [name, prepare] of Object.entries(equalityCases)) {
  const bound = WHOLE_NETWORK.test(name) ? 1e-4 : 1e-5;
  Deno.test(`compile() replays ${name} to ${bound} of the largest magnitude, optimized`, async () => {
    const options = { calls: CALLS, sameState: true };
    await assertClosePairs(replayBesideEager(prepare, options), bound);
  });
}
