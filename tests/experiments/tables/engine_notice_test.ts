import assert from "node:assert/strict";

// Of its own process: one that has no TensorFlow.
const script = `
import { runTable, TABLE_1A } from "./experiments/mod.ts";
import { tinySetting } from "./tests/experiments/tables/tiny_setting.ts";
const stop = new AbortController();
await runTable(TABLE_1A, {
  scale: tinySetting,
  rows: ["tau_10"],
  folder: Deno.args[0],
  signal: stop.signal,
  onNotice: (message) => {
    console.log(message);
    stop.abort();
  },
}).catch(({ name }) => console.log(name));
Deno.exit(0);
`;

Deno.test("runTable() says at once what computes where TensorFlow is missing, and the remedy", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--ext=ts", "-", folder],
      env: { LDLAB_TENSORFLOW: "/no/such/place", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(script));
    await input.close();
    const { stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assert.match(
      text.decode(stdout),
      /Cannot find TensorFlow: .* run \.\/ldlab setup\nAbortError\n$/,
      text.decode(stderr),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
