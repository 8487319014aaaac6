import assert from "node:assert/strict";
import { runScript } from "../run_script.ts";
import { equalityCases } from "./cases.ts";

const script = new URL("./replay_to_the_bit.ts", import.meta.url);
const { code, stdout, stderr } = await runScript(
  `import ${JSON.stringify(script.href)};`,
  { TF_ENABLE_ONEDNN_OPTS: "0" },
);
assert.equal(code, 0, stderr);
const differences: Record<string, string[]> = JSON.parse(stdout);

for (const name of Object.keys(equalityCases)) {
  Deno.test(`compile() replays ${name} to the bit, without optimization and with one thread`, () => {
    assert.deepEqual(differences[name], []);
  });
}
