import assert from "node:assert/strict";
import { writeWeightsFile } from "ldlab/train/write_weights_file.ts";
import { inFolder } from "./toy_run.ts";

Deno.test("writeWeightsFile() says what is in the way, and leaves what is there", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.pth`;
    await writeWeightsFile(path, [new Uint8Array([1])]);
    await assert.rejects(
      writeWeightsFile(`${path}/b.pth`, [new Uint8Array([2])]),
      /^Error: Cannot write weights .*a\.pth\/b\.pth: .*\. Free space, make the/,
    );
    await Deno.mkdir(`${folder}/c.pth`);
    await assert.rejects(
      writeWeightsFile(`${folder}/c.pth`, [new Uint8Array([2])]),
      /^Error: Cannot write weights /,
    );
    assert.deepEqual(await Deno.readFile(path), new Uint8Array([1]));
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names.sort(), ["a.pth", "c.pth"]);
  }));
