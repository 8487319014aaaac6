import assert from "node:assert/strict";

const folder = new URL("./golden/", import.meta.url);

// Every other test takes from the files what is there; that all is there, only
// this one asks.
Deno.test("golden files hold the cases that their table counts", async () => {
  const table = await Deno.readTextFile(new URL("README.md", folder));
  const counted: Record<string, number> = {};
  for (
    const [, name, count] of table.matchAll(/^\| `(\w+)\.json`.*?\| (\d+) \|/gm)
  ) {
    counted[name] = Number(count);
  }
  const found: Record<string, number> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    found[name.replace(".json", "")] = JSON.parse(text).cases.length;
  }
  assert.deepEqual(found, counted);
});
