import assert from "node:assert/strict";
import { describeCommit } from "../../bench/machine.ts";

Deno.test("describeCommit() tells what a bundle was made of, whatever folder it lies in", async () => {
  assert.equal(await describeCommit({ commit: "abc+" }), "abc+");
  assert.match(
    await describeCommit(null),
    /^([0-9a-f]{9,}(-changed)?|unknown)$/,
  );
});
