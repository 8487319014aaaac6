import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { runJobs } from "../../../experiments/jobs.ts";
import { publishedConfig } from "../../../experiments/published/mod.ts";
import { RunStore } from "../../../experiments/store.ts";
import { withTeachers } from "../../../experiments/with_teachers.ts";
import { fewCells, reduced } from "./reduced_run.ts";

await openEngine();

/** One of each family, and what its steps report beside the detector's losses. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  "ld_r50_gflv1_r101_fpn_coco_1x": ["ld", "vlrLd", "kd", "imitation", "dfl"],
  "ld_r50_gflv2_r101_fpn_1x": ["ld", "vlrLd", "kd", "imitation", "dfl"],
  "ld_retina_r50_1x": ["ld", "vlrLd", "kd", "focal", "box"],
  "ld_r50_fcos_r101_1x": ["ld", "vlrLd", "kd", "focal", "box", "centerness"],
  "ld_r50_atss_r101_1x": ["ld", "vlrLd", "kd", "focal", "box", "centerness"],
  "ld_r18_gflv1_r101_fpn_voc_1x": ["ld", "vlrLd", "kd", "ciou"],
  "self_ld_gflv1_r18_fpn_coco_1x": ["ld"],
  "im_gflv2_x101-32x4dr2n101_dcn_2x": ["ld", "vlrLd", "kd", "imitation"],
  "ta_34_18": ["ld"],
};

for (const [name, losses] of Object.entries(FAMILIES)) {
  Deno.test(`runJobs() runs two steps of ${name}, narrow`, async () => {
    const folder = await Deno.makeTempDir();
    await fewCells(folder);
    const run = /^(self|ta)_/.test(name);
    const config = await reduced(publishedConfig(name).config, folder, { run });
    const store = new RunStore(`${folder}/runs`);
    const jobs = await withTeachers([
      { label: name, config, seed: 1, weights: true },
    ]);
    const iterations: number[] = [];
    const records = await runJobs(jobs, {
      store,
      onProgress: ({ label, progress }) => {
        if (label === name && progress) iterations.push(progress.iteration);
      },
    });
    assert.equal(Math.max(...iterations), 2);
    const { epochs, weights, metrics } = records!.at(-1)!;
    assert.equal(epochs.length, 2);
    for (const epoch of epochs) {
      for (const loss of losses) assert.ok(epoch![loss] >= 0, loss);
    }
    assert.match(weights.initial, /^[0-9a-f]{64}$/);
    assert.equal("teacher" in weights, !run);
    assert.ok(metrics!.ap >= 0);
    store.close();
    await Deno.remove(folder, { recursive: true });
  });
}
