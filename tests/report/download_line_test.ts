import assert from "node:assert/strict";
import { downloadLine } from "ldlab/report/download_line.ts";

Deno.test("downloadLine() leaves out what is not known", () => {
  const url = "https://example.org/models/a-0676ba61.pth?raw=1";
  const at = { url, received: 0, total: null, secondsLeft: null };
  assert.equal(downloadLine(at), "downloading a-0676ba61.pth · 0.0 MB");
  assert.equal(
    downloadLine({ ...at, received: 49_999, total: 250_000_000 }),
    "downloading a-0676ba61.pth · 0.0 of 250.0 MB",
  );
  assert.equal(
    downloadLine({ url, received: 5e8, total: 5e8, secondsLeft: 0 }),
    "downloading a-0676ba61.pth · 500.0 of 500.0 MB · 0.0 s left",
  );
});
