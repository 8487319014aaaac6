import { openEngine } from "ldlab/engine/mod.ts";
import { assertClose } from "../../golden.ts";
import { equalityCases } from "./cases.ts";
import { replayBesideEager } from "./replay_beside_eager.ts";

const CALLS = 20;

await openEngine({ backend: "tensorflow" });

for (const [name, prepare] of Object.entries(equalityCases)) {
  Deno.test(`compile() replays ${name} to 1e-5 of the largest magnitude, optimized`, async () => {
    const options = { calls: CALLS, sameState: true };
    for await (const pair of replayBesideEager(prepare, options)) {
      assertClose(pair.replayed, pair.eager, { ofLargest: 1e-5 }, pair.what);
    }
  });
}
