import assert from "node:assert/strict";
import { relative } from "node:path";
import {
  createDetector,
  exportWeights,
  type HostWeight,
} from "ldlab/detectors/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { PRESETS } from "ldlab/distill/mod.ts";
import { writeTorchStateDict } from "ldlab/train/mod.ts";
import { runJobs } from "../../experiments/jobs.ts";
import { projectFolder } from "../../experiments/project.ts";
import {
  findRunWeights,
  loadInitialWeights,
} from "../../experiments/run_weights.ts";
import { RunStore } from "../../experiments/store.ts";
import { readWeights } from "../../experiments/weights.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { tiny } from "./tiny_config.ts";
import { withBackboneOf } from "../detectors/with_backbone_of.ts";

await openEngine({ threads: 1 });

/** A folder, what writes a fresh detector's weights in it, and its end. */
async function inFolder(
  body: (
    folder: string,
    write: (seed: number, backboneOnly?: boolean) => Promise<string>,
  ) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const write = async (seed: number, backboneOnly = false) => {
    const detector = createDetector(tiny.model, { seed });
    const weights = [...await exportWeights(detector)];
    detector.dispose();
    const path = `${folder}/${seed}${backboneOnly}.pth`;
    const chosen: [string, HostWeight][] = backboneOnly
      ? weights.filter(([name]) => name.startsWith("backbone."))
        .map(([name, weight]) => [name.replace("backbone.", ""), weight])
      : weights;
    await Deno.writeFile(path, writeTorchStateDict(new Map(chosen)));
    return path;
  };
  await body(folder, write);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("findRunWeights() finds files beside the project, and their hashes", () =>
  inFolder(async (folder) => {
    const path = `${folder}/abc.pth`;
    await Deno.writeTextFile(path, "abc");
    const config = {
      ...tiny,
      initial: { backbone: { path: relative(projectFolder, path) } },
      teacher: { model: tiny.model, weights: { path } },
    };
    // FIPS 180-2, B.1.
    const sha256 =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.deepEqual(await findRunWeights(config), {
      initial: { path, sha256 },
      teacher: { path, sha256 },
    });
    assert.deepEqual(await findRunWeights(tiny), {});
  }));

Deno.test("runJobs() misses weights before any run, and fetches nothing", () =>
  inFolder(async (folder) => {
    const store = new RunStore(folder);
    const url = "https://example.org/none-00000000.pth";
    const config = {
      ...tiny,
      terms: PRESETS.ld2021.terms,
      teacher: { model: tiny.model, weights: { url } },
    };
    const jobs = [tiny, config].map((config) => (
      { label: "tiny", config, seed: 0, weights: false }
    ));
    await assert.rejects(runJobs(jobs, { store }), {
      name: "NotFound",
      message: /none-00000000\.pth: they are not in the cache.* --download/,
    });
    assert.deepEqual(store.all(), []);
    store.close();
  }));

Deno.test("loadInitialWeights() starts the backbone as a classifier's, or all as a detector's", () =>
  inFolder(async (_, write) => {
    const student = createDetector(tiny.model, { seed: 1 });
    const own = await exportWeights(student);
    const other = createDetector(tiny.model, { seed: 2 });
    const theirs = await exportWeights(other);
    const load = async (
      initial: { backbone: { path: string } } | { detector: { path: string } },
    ) => {
      const config = { ...tiny, initial };
      await loadInitialWeights(student, config, await findRunWeights(config));
      return await exportWeights(student);
    };
    const backbone = await load({ backbone: { path: await write(2, true) } });
    assertSameTensors(backbone, withBackboneOf(theirs, own));
    assertSameTensors(
      await load({ detector: { path: await write(2) } }),
      theirs,
    );
    student.dispose();
    other.dispose();
  }));

Deno.test("runJobs() distils from a file of weights, and notes the hashes of a run's files", () =>
  inFolder(async (folder, write) => {
    const store = new RunStore(`${folder}/runs`);
    const path = await write(7);
    const config = {
      ...tiny,
      epochs: 1,
      terms: PRESETS.ld2021.terms,
      inherit: "neckAndHead" as const,
      initial: { detector: { path: await write(8) } },
      teacher: { model: tiny.model, weights: { path } },
      optimizer: { ...tiny.optimizer, learningRate: 1e-12, weightDecay: 0 },
    };
    const job = { label: "a pupil", config, seed: 0, weights: true };
    const [record] = (await runJobs([job], { store }))!;
    assert.deepEqual(Object.keys(record.weights), ["initial", "teacher"]);
    const { teacher } = await findRunWeights(config);
    assert.equal(record.weights.teacher, teacher!.sha256);
    assert.equal(record.teacher, null);
    assert.ok(record.epochs[0]!.ld >= 0);
    // At a rate of next to nothing it ends as it starts: with the backbone of
    // the one file, and the neck and head of its teacher's.
    const ends = await readWeights({ ...job, store });
    const scale = "bbox_head.gfl_reg.weight";
    for (const [seed, name] of [[8, "backbone.conv1.weight"], [7, scale]]) {
      const detector = createDetector(tiny.model, { seed: seed as number });
      const start = await exportWeights(detector);
      detector.dispose();
      const at = (weights: typeof start | typeof ends) =>
        Number((weights.get(name as string)!.data as Float32Array)[0]);
      assert.ok(Math.abs(at(ends) - at(start)) < 1e-6, name as string);
    }
    store.close();
  }));
