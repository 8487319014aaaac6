/**
 * Two steps of a published run at its full size, 1333 × 800 padded to 1344 × 800,
 * one image: what they take of time and of memory. Weights and image are
 * synthetic. `deno run -A bench/published_step.ts [NAME]`; R-101 → R-50 unless
 * named, which needs 3.2 GiB, and a minute on 2 cores. Not in CI.
 */
import { readFileSync } from "node:fs";
import { publishedConfig } from "../experiments/published/mod.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { learningRateOf } from "../experiments/run_schedule.ts";
import { teacherModel } from "../experiments/teacher_model.ts";
import { makeModules, makeOptimizer } from "../experiments/trained_parts.ts";
import { createTrainingBatches, makeScenes } from "../lib/data/mod.ts";
import { createDetector, targetRuleOf } from "../lib/detectors/mod.ts";
import { termNeeds } from "../lib/distill/mod.ts";
import { liveTeacher, makeTrainStep } from "../lib/train/mod.ts";

const [name = "ours_r50_gflv1_r101_fpn_coco_1x"] = Deno.args;
const { config } = publishedConfig(name);
const { reason } = await openRunEngine();
console.log(`${name}, batch 1. ${reason}`);

const student = createDetector(config.model, { seed: 0 });
const teacher = config.teacher &&
  createDetector(teacherModel(config.teacher), { seed: 1 });
const { regions, features } = termNeeds(config.terms);
const modules = makeModules(config, student, 0);
const optimizer = makeOptimizer(config, [student, modules]);
const step = makeTrainStep({
  student,
  optimizer,
  detectorLosses: config.detectorLosses ?? undefined,
  ...(teacher && {
    distillation: {
      teacher: liveTeacher(teacher, { features }),
      terms: config.terms,
      modules,
    },
  }),
});
// Drawn in COCO's ratio of 1333 to 800; its three classes are the first ones.
const dataset = makeScenes({ seed: 1, count: 1, width: 640, height: 384 });
const classes = Array.from(
  { length: config.model.numClasses },
  (_, label) => `class ${label}`,
);
const batches = createTrainingBatches({
  dataset: { ...dataset, classes },
  input: config.input,
  target: targetRuleOf(config.model),
  batchSize: 1,
  seed: 0,
  augmentation: { flips: config.augmentation.flips },
  regions,
});
for (const epoch of [0, 1]) {
  const batch = await batches.prepare(epoch, 0);
  const from = performance.now();
  const { total } = await step.run(batch, learningRateOf(config) / 1000);
  const seconds = (performance.now() - from) / 1000;
  const { width, height } = batch.size;
  console.log(
    `step ${epoch + 1} at ${width} × ${height}: total ${total.toFixed(3)}, ` +
      `${seconds.toFixed(1)} s${epoch === 0 ? " with recording" : ""}; ` +
      `peak memory ${peakMemory()}`,
  );
}

/** The most memory that this process has had, as Linux counts it. */
function peakMemory(): string {
  const status = readFileSync("/proc/self/status", "utf8");
  const kibibytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  return `${(kibibytes / 2 ** 20).toFixed(2)} GiB`;
}
