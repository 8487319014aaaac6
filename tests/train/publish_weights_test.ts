import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { basename } from "node:path";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import { resolveDetectorConfig } from "ldlab/detectors/detector_config.ts";
import { exportWeights, loadWeights } from "ldlab/detectors/weights.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { saveCheckpoint } from "ldlab/train/checkpoint.ts";
import { requireEqualOutputs } from "ldlab/train/equal_outputs.ts";
import { publishWeights } from "ldlab/train/publish_weights.ts";
import { type HostTensor, writeSafetensors } from "ldlab/train/safetensors.ts";
import { readState } from "ldlab/train/state.ts";
import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
import { readWeightsFile } from "ldlab/train/weights_file.ts";
import { assertSameTensors, hashOf } from "../same_tensors.ts";
import { tinyConfig } from "./tiny_detector.ts";
import { inFolder } from "./toy_run.ts";

const engine = await openEngine({ backend: "tensorflow" });

const classes = ["disc", "square", "triangle"];

/** A detector none of whose weights is as fresh ones are, so that all count. */
function trained(): Detector {
  const detector = createDetector(tinyConfig, { seed: 5 });
  let seed = 0;
  for (
    const [name, variable] of [...detector.parameters, ...detector.buffers]
  ) {
    tf.tidy(() => {
      const noise = tf.randomNormal(variable.shape, 0, 0.1, "float32", ++seed);
      const value = tf.add(variable, noise);
      variable.assign(name.endsWith("running_var") ? tf.abs(value) : value);
    });
  }
  return detector;
}

/** Folder names, sorted. */
const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function checkpointIn(folder: string, detector: Detector) {
  const state = await readState(
    new Map([...detector.parameters, ...detector.buffers]),
  );
  const momentum = [...detector.parameters.keys()].map((name) =>
    [`optimizer.momentum.${name}`, state.get(name)!] as const
  );
  return await saveCheckpoint(folder, {
    tensors: new Map([...state, ...momentum]),
    position: { iteration: 3, epoch: 0, index: 3 },
    seeds: {},
    seconds: 1,
    config: {},
  });
}

Deno.test("publishWeights() keeps a training checkpoint's student, proves its outputs, and names the file by its hash", () =>
  inFolder(async (folder) => {
    const before = engine.memory();
    const detector = trained();
    const from = await checkpointIn(folder, detector);
    const to = `${folder}/published`;
    const published = await publishWeights({
      ...{ from, folder: to, name: "gfl_tiny", detector: tinyConfig, classes },
    });
    const sha256 = hashOf(await Deno.readFile(published.path));
    assert.equal(published.sha256, sha256);
    assert.deepEqual(namesIn(to), [
      `gfl_tiny-${sha256.slice(0, 8)}.safetensors`,
    ]);
    assert.equal(basename(published.path), namesIn(to)[0]);
    assert.equal(published.leftOut.length, detector.parameters.size);
    assert.ok(published.leftOut.every((name) => name.startsWith("optimizer.")));
    // 128 × 160 pixels: 320 + 80 + 20 + 6 + 2 cells; 3 logits, 4 · 17 and 8 features
    assert.equal(published.outputs, 428 * (3 + 68 + 8));
    const file = await readWeightsFile(published.path);
    const own = await exportWeights(detector);
    assert.deepEqual(
      new Set(file.tensors.keys()),
      new Set([...own.keys(), "bbox_head.integral.project"]),
    );
    // MMDetection 3.3.0: torch.linspace(0, reg_max, reg_max + 1)
    assert.deepEqual(
      [...file.tensors.get("bbox_head.integral.project")!.data],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    );
    const written = [...own.keys()]
      .map((name) => [name, file.tensors.get(name)!] as const);
    assertSameTensors(new Map(written), own);
    assert.deepEqual(file.detector, resolveDetectorConfig(tinyConfig));
    assert.deepEqual(file.classes, classes);

    // Other names would be other classes.
    await assert.rejects(
      publishWeights({
        from: published.path,
        folder: to,
        classes: ["disc", "triangle", "square"],
      }),
      /^RangeError: .*class 1 is 'triangle' in the head and 'square' in the file/,
    );
    // What it says of itself suffices to publish it again, to the same bytes.
    const again = await publishWeights({
      from: published.path,
      folder: `${folder}/again`,
    });
    assert.equal(hashOf(await Deno.readFile(again.path)), sha256);
    assert.equal(basename(again.path), basename(published.path));
    detector.dispose();
    assert.deepEqual(engine.memory(), before);
  }));

Deno.test("publishWeights() publishes a .pth with a teacher in it, as a .pth too", () =>
  inFolder(async (folder) => {
    const detector = trained();
    const own = await exportWeights(detector);
    const counter: HostTensor = {
      shape: [],
      dtype: "int32",
      data: new Int32Array([7]),
    };
    const from = `${folder}/epoch_12-0123abcd.pth`;
    await Deno.writeFile(
      from,
      writeTorchStateDict(
        new Map<string, HostTensor>([
          ...own,
          ["backbone.bn1.num_batches_tracked", counter],
          ...[...own].map(([name, tensor]) =>
            [`teacher_model.${name}`, tensor] as const
          ),
        ]),
      ),
    );
    const { path, sha256, leftOut } = await publishWeights({
      ...{ from, folder, detector: tinyConfig, format: "pth" },
    });
    // The hash of an earlier publication goes.
    assert.equal(basename(path), `epoch_12-${sha256.slice(0, 8)}.pth`);
    assert.equal(leftOut.length, own.size);
    const { tensors } = await readWeightsFile(path);
    assert.deepEqual([...tensors.keys()], [
      ...own.keys(),
      "backbone.bn1.num_batches_tracked",
      "bbox_head.integral.project",
    ]);
    detector.dispose();
  }));

Deno.test("publishWeights() writes nothing where it cannot prove", () =>
  inFolder(async (folder) => {
    const detector = trained();
    const own = await exportWeights(detector);
    detector.dispose();
    const from = `${folder}/a.safetensors`;
    const to = `${folder}/published`;
    const refuses = async (
      weights: ReadonlyMap<string, HostTensor>,
      options: Partial<Parameters<typeof publishWeights>[0]>,
      why: RegExp,
    ) => {
      await Deno.writeFile(from, writeSafetensors(weights));
      const before = engine.memory();
      await assert.rejects(
        publishWeights({ from, folder: to, detector: tinyConfig, ...options }),
        why,
      );
      assert.deepEqual(engine.memory(), before);
      assert.deepEqual(namesIn(folder), ["a.safetensors"]);
    };
    await refuses(
      own,
      { detector: undefined },
      /^RangeError: .*a\.safetensors: it does not say which detector/,
    );
    await refuses(
      own,
      { detector: { ...tinyConfig, neckChannels: 4 } },
      /^TypeError: .*'neck\.lateral_convs\.0\.conv\.weight' must be/,
    );
    await refuses(
      own,
      { classes: ["disc"] },
      /^RangeError: .*1 classes are named, the head has 3/,
    );
    for (const name of ["../a", "a/b", "", ".a", "a b"]) {
      await refuses(own, { name }, /^RangeError: .*name must be of letters/);
    }
    const lacks = new Map(own);
    lacks.delete("bbox_head.gfl_cls.bias");
    await refuses(lacks, {}, /'bbox_head\.gfl_cls\.bias' is missing/);
    const cls = own.get("bbox_head.gfl_cls.bias")!;
    const diverged = new Map(own).set("bbox_head.gfl_cls.bias", {
      ...cls,
      data: cls.data.map(() => NaN),
    });
    await refuses(diverged, {}, /^RangeError: .*classLogits has NaN/);
  }));

Deno.test("requireEqualOutputs() finds a small change of one number of any kind, and a weight that is not loaded", async () => {
  const detector = trained();
  const own = await exportWeights(detector);
  detector.dispose();
  const load = (fresh: Detector) => loadWeights(fresh, own);
  const count = await requireEqualOutputs(tinyConfig, [load, load]);
  assert.ok(count > 0);
  for (
    const name of [
      "backbone.conv1.weight",
      "backbone.layer4.1.bn2.running_var",
      "neck.fpn_convs.4.conv.bias",
      "bbox_head.reg_convs.0.gn.weight",
      "bbox_head.scales.4.scale",
      "bbox_head.gfl_cls.bias",
    ]
  ) {
    const weight = own.get(name)!;
    const data = weight.data.slice();
    data[0] *= 1.001;
    const altered = new Map(own).set(name, { ...weight, data });
    await assert.rejects(
      requireEqualOutputs(tinyConfig, [
        load,
        (fresh) => loadWeights(fresh, altered),
      ]),
      /Outputs differ/,
      name,
    );
  }
  await assert.rejects(
    requireEqualOutputs(tinyConfig, [load, (fresh) => {
      const { parameters } = fresh;
      const rest = new Map(own);
      rest.delete("neck.fpn_convs.0.conv.bias");
      parameters.delete("neck.fpn_convs.0.conv.bias");
      loadWeights(fresh, rest);
    }]),
    /Outputs differ/,
  );
});
