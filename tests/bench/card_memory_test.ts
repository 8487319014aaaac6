import assert from "node:assert/strict";
import { cardMemory } from "../../bench/card_memory.ts";

Deno.test("cardMemory() reads what nvidia-smi says of the process", async () => {
  const ask = (args: string[]) => {
    assert.deepEqual(args, [
      "--query-compute-apps=pid,used_memory",
      "--format=csv,noheader,nounits",
    ]);
    return Promise.resolve("812, 1024\n4711, 12595\n");
  };
  assert.equal(await cardMemory(4711, ask), "12.3 GiB");
});

Deno.test("cardMemory() is unknown where nvidia-smi does not tell", async () => {
  for (const answer of ["", "812, 1024\n", "4711, [N/A]\n"]) {
    assert.equal(
      await cardMemory(4711, () => Promise.resolve(answer)),
      "unknown",
    );
  }
  const absent = () => Promise.reject(new Error("no such tool"));
  assert.equal(await cardMemory(4711, absent), "unknown");
});
