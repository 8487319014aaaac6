import assert from "node:assert/strict";
import { convertWeights } from "ldlab/train/convert_weights.ts";
import { readSafetensors, writeSafetensors } from "ldlab/train/safetensors.ts";
import { readWeightsFile } from "ldlab/train/weights_file.ts";
import { inFolder } from "./toy_run.ts";

const golden = (name: string) =>
  new URL(`../golden/checkpoints/${name}.pth`, import.meta.url).pathname;

for (const name of ["zip", "legacy"]) {
  Deno.test(`convertWeights() takes torch's ${name}.pth to safetensors and back, bit by bit`, () =>
    inFolder(async (folder) => {
      const [there, back] = [`${folder}/a.safetensors`, `${folder}/a.pth`];
      const original = await readWeightsFile(golden(name));
      const count = original.tensors.size;
      assert.deepEqual(await convertWeights(golden(name), there), {
        written: count,
        leftOut: [],
      });
      const { tensors, metadata } = readSafetensors(await Deno.readFile(there));
      assert.equal(metadata.format, "pt");
      assert.deepEqual(
        new Set(tensors.keys()),
        new Set(original.tensors.keys()),
      );
      await convertWeights(there, back);
      const { tensors: again } = await readWeightsFile(back);
      for (const [key, tensor] of original.tensors) {
        assert.deepEqual(tensors.get(key), tensor, key);
        assert.deepEqual(again.get(key), tensor, key);
      }
      // As tests/golden/make_checkpoints.py has it; a .pth has no place for it.
      assert.deepEqual((await readWeightsFile(there)).classes, [
        "red",
        "white",
      ]);
      assert.equal((await readWeightsFile(back)).classes, undefined);
    }));
}

Deno.test("convertWeights() leaves a teacher out and says so", () =>
  inFolder(async (folder) => {
    const one = {
      shape: [1],
      dtype: "float32",
      data: new Float32Array([1]),
    } as const;
    const from = `${folder}/a.safetensors`;
    await Deno.writeFile(
      from,
      writeSafetensors(new Map([["w", one], ["teacher.w", one]])),
    );
    assert.deepEqual(await convertWeights(from, `${folder}/a.pt`), {
      written: 1,
      leftOut: ["teacher.w"],
    });
  }));

Deno.test("convertWeights() refuses another ending before it reads anything", async () => {
  for (const to of ["a.onnx", "a", "a.pth.tar", ".safetensor"]) {
    await assert.rejects(
      convertWeights("none.pth", to),
      /^RangeError: .*must end in \.pth, \.pt or \.safetensors/,
    );
  }
});
