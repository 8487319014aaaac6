import assert from "node:assert/strict";
import { GPU_ROWS, ROWS } from "../../bench/rows.ts";

Deno.test("GPU_ROWS hold both steps in both precisions, as recorded and by XLA, and inference in both", () => {
  assert.deepEqual(GPU_ROWS.map(({ id }) => id), [
    "tf32-r101-r50",
    "tf32-r101-r50-xla",
    "bf16-r101-r50",
    "bf16-r101-r50-xla",
    "tf32-r50-r18",
    "tf32-r50-r18-xla",
    "bf16-r50-r18",
    "bf16-r50-r18-xla",
    "tf32-inference",
    "bf16-inference",
  ]);
});

Deno.test("no two rows of a device have one id", () => {
  for (const rows of [ROWS, GPU_ROWS]) {
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  }
});
