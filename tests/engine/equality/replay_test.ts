import { openEngine } from "ldlab/engine/mod.ts";
import { equalityCases } from "./cases.ts";
import { assertClosePairs } from "./close_pairs.ts";
import { replayBesideEager } from "./replay_beside_eager.ts";

const CALLS = 20;

await openEngine({ backend: "tensorflow" });

for (const [name, prepare] of Object.entries(equalityCases)) {
  Deno.test(`compile() replays ${name} to 1e-5 of the largest magnitude`, async () => {
    const options = { calls: CALLS, sameState: true };
    await assertClosePairs(replayBesideEager(prepare, options), 1e-5);
  });
}
