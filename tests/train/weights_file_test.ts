import assert from "node:assert/strict";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { saveCheckpoint } from "ldlab/train/checkpoint.ts";
import { encodeCheckpoint } from "ldlab/train/checkpoint_file.ts";
import { type HostTensor, writeSafetensors } from "ldlab/train/safetensors.ts";
import { readState } from "ldlab/train/state.ts";
import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
import { parseWeights, readWeightsFile } from "ldlab/train/weights_file.ts";
import { writeStoredZip } from "ldlab/train/write_stored_zip.ts";
import { inFolder } from "./toy_run.ts"; // and the pure JS backend
import { tinyConfig } from "./tiny_detector.ts";

const one: HostTensor = {
  shape: [1, 1, 2, 1], // a filter, which is not to be turned
  dtype: "float32",
  data: new Float32Array([1, 2]),
};
const tensors = (...names: string[]) =>
  new Map(names.map((name): [string, HostTensor] => [name, one]));

const BESIDE = [
  "optimizer.momentum.conv.weight",
  "teacher.conv.weight",
  "teacher_model.conv.weight",
  "bbox_head.teacher_model.backbone.conv.weight", // of the first LD
  "distill.hint.0.adapt.weight",
  "ema.conv.weight",
  "ema_backbone_conv_weight", // of MMDetection 2
];
const OWN = [
  "conv.weight",
  "bbox_head.teachers.bias",
  "schema_x",
  "extern.ema",
];

Deno.test("readWeightsFile() gives the student and names what stands beside it", () =>
  inFolder(async (folder) => {
    const all = tensors(...OWN, ...BESIDE);
    for (
      const [name, bytes] of [
        ["a.pth", writeTorchStateDict(all)],
        ["a.safetensors", writeSafetensors(all)],
        // The content tells the format, not the name
        ["b.safetensors", writeTorchStateDict(all)],
        ["b.pth", writeSafetensors(all)],
        ["weights", writeSafetensors(all)],
      ] as const
    ) {
      const path = `${folder}/${name}`;
      await Deno.writeFile(path, bytes);
      const file = await readWeightsFile(path);
      assert.deepEqual([...file.tensors.keys()], OWN);
      assert.deepEqual(file.tensors.get("conv.weight"), one);
      assert.deepEqual(file.leftOut, BESIDE);
      assert.equal(file.classes, undefined);
      assert.equal(file.detector, undefined);
    }
  }));

Deno.test("readWeightsFile() gives a training checkpoint's student in PyTorch's layout, and its run's config", () =>
  inFolder(async (folder) => {
    const detector = createDetector(tinyConfig, { seed: 5 });
    const expected = await exportWeights(detector);
    const state = await readState(
      new Map([...detector.parameters, ...detector.buffers]),
    );
    const filter = state.get("backbone.conv1.weight")!;
    assert.deepEqual(filter.shape, [7, 7, 3, 4]); // as in memory
    const rest = {
      position: { iteration: 3, epoch: 0, index: 3 },
      seeds: {},
      seconds: 1,
      config: { run: "a" },
    };
    const path = await saveCheckpoint(folder, {
      tensors: new Map([
        ...state,
        ["distill.hint.0.adapt.weight", filter],
        ["optimizer.momentum.backbone.conv1.weight", filter],
      ]),
      ...rest,
    });
    const resumable = await readWeightsFile(path);
    assert.deepEqual(resumable.tensors, expected);
    assert.deepEqual(resumable.config, rest.config);
    assert.deepEqual(resumable.leftOut, [
      "distill.hint.0.adapt.weight",
      "optimizer.momentum.backbone.conv1.weight",
    ]);
    // A finished run's weights are in that layout already.
    const parts = await encodeCheckpoint({ tensors: expected, ...rest });
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    const finished = await parseWeights(bytes, "weights.safetensors");
    assert.deepEqual(finished.tensors, expected);
    assert.deepEqual(finished.leftOut, []);
    bytes[bytes.length - 1] ^= 1;
    await assert.rejects(
      parseWeights(bytes, "weights.safetensors"),
      /weights\.safetensors.*truncated or altered/,
    );
    detector.dispose();
  }));

/** A `.pth` whose pickle, in protocol 0, is given behind a state dict's. */
function withMeta(meta: string): Uint8Array {
  const tensor = "ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\n" +
    "ctorch\nFloatStorage\nV0\nVcpu\nI1\ntQI0\n(I1\nt(I1\ntI00\nNtR";
  const pickle = `(dVstate_dict\n(dVw\n${tensor}ssVmeta\n${meta}s.`;
  return writeStoredZip(
    new Map([
      ["a/data.pkl", new TextEncoder().encode(pickle)],
      ["a/data/0", new Uint8Array(4)],
    ]),
  );
}

Deno.test("readWeightsFile() finds the class names of MMDetection 2 and 3", async () => {
  const of = async (meta: string) =>
    (await parseWeights(withMeta(meta), "a.pth")).classes;
  assert.deepEqual(await of("(dVCLASSES\n(Vcat\nVdog\nts"), ["cat", "dog"]);
  for (const key of ["CLASSES", "classes"]) {
    const meta = `(dVdataset_meta\n(dV${key}\n(Vcat\nVdog\ntss`;
    assert.deepEqual(await of(meta), ["cat", "dog"]);
  }
  assert.equal(await of("(dVCLASSES\nNs"), undefined);
  assert.equal(await of("(dVCLASSES\n(I1\nts"), undefined);
  assert.equal(await of("N"), undefined);
  const golden = new URL("../golden/checkpoints/zip.pth", import.meta.url);
  const { classes } = await parseWeights(
    await Deno.readFile(golden),
    "zip.pth",
  );
  // As tests/golden/make_checkpoints.py has it
  assert.deepEqual(classes, ["red", "white"]);
});

Deno.test("readWeightsFile() names the file that it cannot read, and why", () =>
  inFolder(async (folder) => {
    const refuses = async (
      name: string,
      bytes: Uint8Array | string,
      why: RegExp,
    ) => {
      const path = `${folder}/${name}`;
      const data = typeof bytes === "string"
        ? new TextEncoder().encode(bytes)
        : bytes;
      await Deno.writeFile(path, data);
      await assert.rejects(readWeightsFile(path), (error: Error) => {
        assert.match(error.message, why);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
    };
    const whole = writeTorchStateDict(tensors("w"));
    await refuses("cut.pth", whole.subarray(0, 200), /zip file/);
    await refuses("page.pth", "<html>404 not found</html>", /neither of/);
    await refuses("page.safetensors", "<html>404</html>", /as safetensors/);
    await refuses("empty.pth", "", /neither of/);
    await refuses("empty.safetensors", "", /only 0 bytes/);
    await refuses("none.pth", writeTorchStateDict(new Map()), /no tensor/);
    await refuses(
      "none.safetensors",
      writeSafetensors(new Map()),
      /no tensors/,
    );
    await refuses(
      "teacher.safetensors",
      writeSafetensors(tensors("teacher.w")),
      /'teacher\.w' and the like only/,
    );
    await refuses(
      "metadata.safetensors",
      writeSafetensors(tensors("w"), { ldlab: "{" }),
      /metadata 'ldlab' are not JSON/,
    );
    await assert.rejects(
      readWeightsFile(`${folder}/nowhere.pth`),
      (error) =>
        error instanceof Deno.errors.NotFound &&
        /nowhere\.pth: there is no such file/.test(error.message),
    );
    await assert.rejects(readWeightsFile(folder), /it is a folder/);
    await Deno.writeFile(`${folder}/large.pth`, new Uint8Array());
    await Deno.truncate(`${folder}/large.pth`, 2 ** 32); // sparse: no space
    await assert.rejects(
      readWeightsFile(`${folder}/large.pth`),
      /large\.pth.*less than 4 GiB/,
    );
  }));
