import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFileAtomically } from "ldlab/train/atomic_file.ts";
import { inFolder } from "./toy_run.ts";

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("writeFileAtomically() replaces a file and what an interrupted write left", () =>
  inFolder(async (folder) => {
    const path = join(folder, "weights");
    await Deno.writeTextFile(path, "old and longer");
    await Deno.writeTextFile(`${path}.part`, "half of something else");
    await writeFileAtomically(path, ["n", "ew"].map(encode));
    assert.equal(await Deno.readTextFile(path), "new");
    assert.deepEqual(namesIn(folder), ["weights"]);
  }));

Deno.test("writeFileAtomically() leaves the old file and nothing else when it fails", () =>
  inFolder(async (folder) => {
    const path = join(folder, "taken"); // a folder cannot be replaced
    await Deno.mkdir(join(path, "inside"), { recursive: true });
    await assert.rejects(writeFileAtomically(path, [new Uint8Array(3)]));
    assert.deepEqual(namesIn(folder), ["taken"]);
  }));
