// Training steps of every kind of detector, plain and with a teacher.
import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs-core";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import type { DetectorConfig } from "ldlab/detectors/detector_config.ts";
import {
  DETECTOR_PRESETS,
  FGD,
  IMITATION,
  PRESETS,
} from "ldlab/distill/presets.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { adamW } from "ldlab/train/adam_w.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { data, tinyConfig } from "./tiny_detector.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

/** A student, with terms a teacher too, and the batches they take. */
function training(
  config: DetectorConfig,
  { terms, replicas }: { terms?: DistillTerms; replicas?: number } = {},
) {
  const student = createDetector(config, { seed: 1 });
  const teacher = createDetector(config, { seed: 2 });
  const { regions, features } = termNeeds(terms ?? {});
  const outputs = liveTeacher(teacher, { features });
  const channels = student.config.neckChannels;
  const modules = createDistillModules(terms ?? {}, {
    ...{ studentChannels: channels, teacherChannels: channels, seed: 1 },
  });
  const optimizer = adamW(
    new Map([...student.parameters, ...modules.parameters]),
    { weightDecay: 0 },
  );
  const step = makeTrainStep({
    ...{ student, optimizer, clip: 35, replicas },
    ...(terms && { distillation: { teacher: outputs, terms, modules } }),
  });
  const parts = [step, optimizer, modules, outputs, teacher, student];
  return {
    ...{ step, student },
    batches: createTrainingBatches({
      ...data,
      target: targetRuleOf(config),
      regions,
    }),
    dispose: () => parts.forEach((part) => part.dispose()),
  };
}

const kind = (
  kind: DetectorConfig["kind"],
  more?: Partial<DetectorConfig>,
) => ({
  ...tinyConfig,
  ...more,
  kind,
});
const { cvpr2022 } = PRESETS;
const gfl = ["qfl", "giou", "dfl"];
const dense = ["focal", "box"];

/** The detector, its own losses, and what it learns from a teacher. */
const rows: Record<string, [DetectorConfig, string[], DistillTerms?]> = {
  "GFLv2": [kind("gflV2"), gfl],
  "GFLv2 with LD": [kind("gflV2"), gfl, cvpr2022.terms],
  "ATSS": [kind("atss", { regMax: null }), [...dense, "centerness"]],
  "ATSS with its LD": [
    kind("atss"),
    [...dense, "centerness"],
    DETECTOR_PRESETS.atss.terms,
  ],
  "FCOS": [kind("fcos", { regMax: null }), [...dense, "centerness"]],
  "FCOS with its LD": [
    kind("fcos"),
    [...dense, "centerness"],
    DETECTOR_PRESETS.fcos.terms,
  ],
  "RetinaNet": [kind("retina", { regMax: null }), dense],
  "RetinaNet with its LD": [
    kind("retina"),
    dense,
    DETECTOR_PRESETS.retina.terms,
  ],
  "ATSS with the LD of GFL": [
    kind("atss"),
    [...dense, "centerness"],
    cvpr2022.terms,
  ],
  "FCOS with the LD of GFL": [
    kind("fcos"),
    [...dense, "centerness"],
    cvpr2022.terms,
  ],
  "RetinaNet with the LD of GFL": [kind("retina"), dense, cvpr2022.terms],
  "RetinaNet with imitation and FGD": [
    kind("retina", { regMax: null }),
    dense,
    { ...IMITATION.deFeatOriginal, ...FGD.retina },
  ],
  "GFL with frozen stages and norms": [
    kind("gfl", {
      backbone: { ...tinyConfig.backbone, frozenStages: 1, normEval: true },
    }),
    gfl,
    cvpr2022.terms,
  ],
};

const STEPS = 24;

for (const [name, [config, own, terms]] of Object.entries(rows)) {
  Deno.test(`makeTrainStep() trains ${name}: losses fall, every parameter learns`, async () => {
    const before = engine.memory();
    const { step, student, batches, dispose } = training(config, { terms });
    const read = () =>
      valuesOf(new Map([...student.parameters, ...student.buffers]));
    const fresh = await read();
    const batch = await batches.prepare(0, 0);
    const totals: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const report = await step.run(batch, 2e-3);
      for (const [what, value] of Object.entries(report)) {
        assert.ok(Number.isFinite(value), what);
      }
      const losses = [...own, ...Object.keys(terms ?? {})];
      const sum = losses.reduce((sum, loss) => sum + report[loss], 0);
      assert.ok(Math.abs(report.total - sum) <= 1e-5 * sum);
      for (const loss of losses) assert.ok(report[loss] > 0, loss);
      assert.ok(report.mainLocations > 0);
      totals.push(report.total);
    }
    // GFLv2's box losses rise first, as their weights, scores, start near 0.01.
    assert.ok(totals.at(-1)! < 0.9 * Math.max(...totals), `${totals}`);
    assert.equal(step.statistics.recordings, 1);
    const learnt = await read();
    const still = [...learnt.keys()].filter((variable) =>
      `${learnt.get(variable)}` === `${fresh.get(variable)}`
    );
    // Batch norms' statistics move unless they are in eval mode; what is frozen
    // is among the buffers, too.
    const buffers = config.backbone?.normEval
      ? [...student.buffers.keys()]
      : [];
    assert.deepEqual(
      // A level without positives has no box loss, which alone sees its scale.
      still.filter((variable) => !/scales\.\d\.scale/.test(variable)),
      buffers,
    );
    for (const [variable, values] of learnt) {
      assert.ok(Array.from(values).every(Number.isFinite), variable);
    }
    dispose();
    assert.deepEqual(engine.memory(), before);
  });
}

async function valuesOf(
  variables: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, ArrayLike<number>>> {
  const values = new Map<string, ArrayLike<number>>();
  for (const [name, variable] of variables) {
    values.set(name, await variable.data());
  }
  return values;
}

Deno.test("makeTrainStep() takes batches of several sizes, with and without label weights, each recorded once", async () => {
  const before = engine.memory();
  for (const retina of [false, true]) {
    const config = kind(retina ? "retina" : "gfl");
    const { step, batches, dispose } = training(config, {
      terms: cvpr2022.terms,
    });
    const wide = await batches.prepare(0, 0);
    // RetinaNet's anchors between its thresholds are not learnt.
    assert.equal(wide.labelWeights !== undefined, retina);
    const small = await createTrainingBatches({
      ...data,
      input: { kind: "stretch", width: 64, height: 96 },
      target: targetRuleOf(config),
      regions: termNeeds(cvpr2022.terms).regions,
    }).prepare(0, 0);
    const reports: Record<string, number>[] = [];
    for (const batch of [wide, small, wide, small]) {
      reports.push(await step.run(batch, 0));
    }
    assert.equal(step.statistics.recordings, 2);
    const [first, second, third, fourth] = reports;
    // Statistics of batch norms are the batch's own, so nothing has changed.
    assert.deepEqual([third, fourth], [first, second]);
    assert.notEqual(first.total, second.total);
    // Weights of 1 change nothing; weights of 0 leave no class to learn.
    const own = retina ? "focal" : "qfl";
    const weighed = (weight: number) =>
      step.run({
        ...wide,
        labelWeights: new Float32Array(wide.labels.length).fill(weight),
      }, 0);
    assert.equal((await weighed(0))[own], 0);
    const ones = await weighed(1);
    if (retina) assert.ok(ones[own] > first[own]);
    else assert.deepEqual(ones, first);
    assert.equal(step.statistics.recordings, retina ? 2 : 3);
    dispose();
  }
  assert.deepEqual(engine.memory(), before);
});

Deno.test("makeTrainStep() computes terms over replicas: as the mean of steps over the parts, the detector's losses as over all", async () => {
  const before = engine.memory();
  const config = kind("gfl", {
    backbone: { ...tinyConfig.backbone, normEval: true }, // images apart
  });
  const { terms } = cvpr2022;
  const steps = [1, 2].map((replicas) => training(config, { terms, replicas }));
  const [{ step: whole, batches }, { step: parted }] = steps;
  const batch = await batches.prepare(0, 0);
  const perImage = (array: ArrayLike<number>) => array.length / 2;
  const half = (at: number) => {
    const of = <T extends Float32Array | Int32Array>(array: T) =>
      array.subarray(at * perImage(array), (at + 1) * perImage(array)) as T;
    return {
      ...batch,
      ...{ images: of(batch.images), labels: of(batch.labels) },
      boxTargets: of(batch.boxTargets),
      regions: Object.fromEntries(
        Object.entries(batch.regions).map(([key, w]) => [key, of(w)]),
      ),
      ...{ ids: [batch.ids[at]], keys: [batch.keys[at]] },
    };
  };
  const all = await whole.run(batch, 0);
  const found = await parted.run(batch, 0);
  const halves = [await whole.run(half(0), 0), await whole.run(half(1), 0)];
  const close = (value: number, expected: number, what: string) =>
    assert.ok(Math.abs(value - expected) <= 1e-5 * expected, what);
  for (const name of Object.keys(terms)) {
    close(found[name], (halves[0][name] + halves[1][name]) / 2, name);
  }
  // LD is a sum over images.
  for (const name of ["ld", "vlrLd"]) close(found[name], all[name] / 2, name);
  for (const name of ["qfl", "giou", "dfl"]) {
    close(found[name], all[name], name);
  }
  for (const name of ["mainLocations", "vlrLocations"]) {
    assert.equal(found[name], all[name]);
  }
  await assert.rejects(parted.run(half(0), 0), {
    message:
      /replicas must divide the images of a batch, 1: current value is 2/,
  });
  for (const { dispose } of steps) dispose();
  assert.deepEqual(engine.memory(), before);
});
