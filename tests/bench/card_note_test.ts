import assert from "node:assert/strict";
import { cardNote } from "../../bench/card_note.ts";

Deno.test("cardNote() tells the first steps and the memory of both sides", async () => {
  const asked: string[] = [];
  const call = <T>(method: string) => {
    asked.push(method);
    return Promise.resolve(3 * 2 ** 30 as T);
  };
  assert.match(
    await cardNote([1250, 340], { call }),
    /^first step 1\.3 s, PyTorch's 0\.3 s once tuned; memory since the first row (unknown|[\d.]+ GiB), PyTorch's 3\.0 GiB$/,
  );
  assert.deepEqual(asked, ["memory"]);
});
