import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readJpegOrientation } from "ldlab/data/jpeg_orientation.ts";
import { goldenCases } from "../golden.ts";

Deno.test("readJpegOrientation() reads what the golden files are named for", async () => {
  for (const { name, inputs } of await goldenCases("jpeg")) {
    // OpenCV takes what is not 1 to 8, or cut off, for upright.
    const said = Number(/orientation (\d)/.exec(name)?.[1] ?? 1);
    const isSound = said >= 1 && said <= 8 && !name.includes("cut off");
    const bytes = Buffer.from(inputs.file, "base64");
    assert.equal(readJpegOrientation(bytes), isSound ? said : 1, name);
  }
});

Deno.test("readJpegOrientation() does not fail on a file that is cut short anywhere or altered", async () => {
  const [{ inputs }] = await goldenCases(
    "jpeg",
    ({ name }) => name === "orientation 6, big end first",
  );
  const bytes = new Uint8Array(Buffer.from(inputs.file, "base64"));
  for (let at = 0; at < 120; at++) {
    assert.ok([1, 6].includes(readJpegOrientation(bytes.subarray(0, at))));
    const altered = bytes.slice();
    altered[at] ^= 0xff;
    const found = readJpegOrientation(altered);
    assert.ok(found >= 1 && found <= 8);
  }
});
