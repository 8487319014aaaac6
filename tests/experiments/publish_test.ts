import assert from "node:assert/strict";
import { openWeights } from "experiments/open_weights.ts";
import { publish } from "experiments/publish.ts";
import { openRunEngine } from "experiments/run_engine.ts";
import { SCALES } from "experiments/scales.ts";
import { withNumerics } from "experiments/store.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { resolveDetectorConfig } from "ldlab/detectors/detector_config.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { encodeCheckpoint } from "ldlab/train/checkpoint_file.ts";
import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
import { inFolder } from "../train/toy_run.ts";

await openRunEngine();

const { student } = SCALES.smoke;
const detector = createDetector(student.model, { seed: 4 });
const weights = await exportWeights(detector);
detector.dispose();

Deno.test("publish() takes detector and classes from a run's weights", () =>
  inFolder(async (folder) => {
    const from = `${folder}/weights.safetensors`;
    const parts = await encodeCheckpoint({
      tensors: weights,
      position: { iteration: 3, epoch: 1, index: 0 },
      seeds: { run: 0 },
      seconds: 1,
      config: withNumerics(student),
    });
    await Deno.writeFile(from, Uint8Array.from(parts.flatMap((p) => [...p])));
    const { path, outputs } = await publish({ from, folder, name: "smoke" });
    assert.match(path, /\/smoke-[0-9a-f]{8}\.safetensors$/);
    assert.ok(outputs > 0);
    const published = await openWeights(path);
    assert.deepEqual(
      published.detector,
      resolveDetectorConfig(student.model),
    );
    assert.deepEqual(published.classes, ["disc", "block", "diamond"]);
  }));

Deno.test("publish() needs the detector of a .pth, and takes what is given before what a file says", () =>
  inFolder(async (folder) => {
    const from = `${folder}/epoch_12.pth`;
    await Deno.writeFile(from, writeTorchStateDict(weights));
    await assert.rejects(
      publish({ from, folder }),
      /^RangeError: .*Give the detector's configuration/,
    );
    const given = { detector: student.model, classes: ["a", "b", "c"] };
    const { path } = await publish({ from, folder, ...given });
    assert.deepEqual((await openWeights(path)).classes, ["a", "b", "c"]);
    // An option that is there but undefined is not given.
    const again = { from: path, folder, classes: undefined };
    assert.equal((await publish(again)).path, path);
  }));
