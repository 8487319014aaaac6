// Steps with every preset, and whole runs with terms that have trained layers.
import assert from "node:assert/strict";
import { createLoader } from "ldlab/data/loader.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { completeTerms } from "ldlab/distill/complete_terms.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import {
  DETECTOR_PRESETS,
  FGD,
  IMITATION,
  PRESETS,
  TBR,
} from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillSettings } from "ldlab/distill/terms.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { adamW } from "ldlab/train/adam_w.ts";
import { cosineSchedule } from "ldlab/train/schedules.ts";
import { readState } from "ldlab/train/state.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { cachedTeacher } from "ldlab/train/teacher.ts";
import { train } from "ldlab/train/train.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { data, tinyConfig, tinyDetector } from "./tiny_detector.ts";
import { inFolder } from "./toy_run.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

/** A student with a teacher of another width, and all that belongs to them. */
function distilling(
  { terms, detectorLosses }: DistillSettings,
  { seed = 1, neckChannels = 8 } = {},
) {
  const student = tinyDetector(seed);
  const teacher = createDetector({ ...tinyConfig, neckChannels }, { seed: 7 });
  const { regions, features } = termNeeds(terms);
  const modules = createDistillModules(terms, {
    studentChannels: student.config.neckChannels,
    teacherChannels: neckChannels,
    seed,
  });
  const outputs = cachedTeacher(teacher, { features });
  const parameters = new Map([...student.parameters, ...modules.parameters]);
  const optimizer = adamW(parameters, { weightDecay: 0.05 });
  const step = makeTrainStep({
    student,
    optimizer,
    clip: 35,
    detectorLosses,
    distillation: { teacher: outputs, terms, modules },
  });
  const parts = [step, optimizer, outputs, modules, teacher, student];
  return {
    ...{ step, student, modules },
    batches: { ...data, regions },
    dispose: () => parts.forEach((part) => part.dispose()),
  };
}

const { imitation } = IMITATION.fitNets;
const rows: Record<string, DistillSettings> = {
  ...Object.fromEntries(
    Object.entries({ ...PRESETS, ...DETECTOR_PRESETS })
      .map(([name, preset]): [string, DistillSettings] => [name, preset]),
  ),
  ...Object.fromEntries(
    Object.entries({ ...IMITATION, tbr: TBR, fgd: FGD.gfl })
      .map(([name, terms]) => [`ours and ${name}`, {
        terms: { ...PRESETS.cvpr2022.terms, ...terms },
      }]),
  ),
  "LD without DFL": { ...PRESETS.ld2021, detectorLosses: { dfl: 0 } },
  "TBR in place of GIoU": { terms: TBR, detectorLosses: { giou: 0 } },
};

for (const [name, settings] of Object.entries(rows)) {
  Deno.test(`makeTrainStep() trains with ${name}`, async () => {
    const before = engine.memory();
    const { step, batches, dispose } = distilling(settings);
    const source = createTrainingBatches(batches);
    const reports: Record<string, number>[] = [];
    for (const index of [0, 1]) {
      reports.push(await step.run(await source.prepare(0, index), 0.01));
    }
    const own = { qfl: 1, giou: 1, dfl: 1, ...settings.detectorLosses };
    const losses = [
      ...Object.keys(own),
      ...Object.keys(completeTerms(settings.terms)),
    ];
    for (const report of reports) {
      for (const [what, value] of Object.entries(report)) {
        assert.ok(Number.isFinite(value), what);
      }
      const total = losses.reduce((sum, loss) => sum + report[loss], 0);
      assert.ok(Math.abs(report.total - total) <= 1e-5 * total);
      for (const [loss, weight] of Object.entries(own)) {
        assert.equal(report[loss] === 0, weight === 0, loss);
      }
    }
    assert.equal(step.statistics.recordings, 1);
    for (const [what, { data }] of await readState(step.state)) {
      assert.ok(data.every(Number.isFinite), what);
    }
    dispose();
    assert.deepEqual(engine.memory(), before);
  });
}

/** Terms with layers of every kind, for a teacher of twice the width. */
const layered: DistillSettings = {
  terms: {
    ...PRESETS.cvpr2022.terms,
    hint: { ...imitation, adaptation: "3x3", emptyLevels: "kept" },
    ...FGD.gfl,
  },
};

/** Trains with layers from `seed`, or what is in the folder, until `stopAt`. */
async function run(
  { seed = 1, folder, stopAt }: {
    seed?: number;
    folder?: string;
    stopAt?: number;
  } = {},
) {
  const { step, batches, dispose } = distilling(layered, {
    seed,
    neckChannels: 16,
  });
  const stop = new AbortController();
  try {
    const result = await train({
      step,
      loader: (start) => createLoader({ ...batches, epochs: 2, start }),
      schedule: cosineSchedule(4e-3, 6),
      totalIterations: 6,
      ...(folder !== undefined && {
        checkpoints: { folder, every: 4, seeds: {}, config: {} },
      }),
      signal: stop.signal,
      onProgress: ({ iteration }) => {
        if (iteration === stopAt) stop.abort();
      },
    });
    return { result, state: await readState(step.state) };
  } finally {
    dispose();
  }
}

Deno.test("train() with trained layers, stopped and resumed, ends bit by bit as undisturbed", () =>
  inFolder(async (folder) => {
    const undisturbed = await run();
    await run({ folder, stopAt: 3 });
    const resumed = await run({ folder, seed: 2 });
    assert.equal(resumed.result.resumedFrom, 3);
    assertSameTensors(resumed.state, undisturbed.state);
    const layers = [...undisturbed.state.keys()]
      .filter((name) => name.startsWith("distill."));
    assert.ok(layers.includes("distill.hint.4.adapt.weight"));
    assert.ok(layers.includes("distill.fgd.0.align.bias"));
    assert.ok(layers.includes("distill.fgd.0.conv_mask_t.weight"));
  }));

Deno.test("trained layers learn, and are not among the student's weights", async () => {
  const { step, student, modules, batches, dispose } = distilling(layered, {
    neckChannels: 16,
  });
  const read = () =>
    Promise.all(
      [...modules.parameters].map(async ([name, variable]) =>
        [name, [...await variable.data()]] as const
      ),
    );
  const fresh = await read();
  const source = createTrainingBatches(batches);
  // The last convolution of a context block starts at 0, so that what is before
  // it learns from the second step on.
  for (const index of [0, 1]) {
    await step.run(await source.prepare(0, index), 0.01);
  }
  const learnt = await read();
  for (const [i, [name, values]] of fresh.entries()) {
    // A softmax does not see a bias that all its logits share.
    if (/conv_mask_.\.bias/.test(name)) continue;
    // On a level of one cell there is nothing to choose from.
    if (/\.4\.conv_mask_/.test(name)) continue;
    assert.notDeepEqual(learnt[i][1], values, name);
  }
  const weights = await exportWeights(student);
  assert.deepEqual(
    [...weights.keys()].filter((name) => name.startsWith("distill")),
    [],
  );
  dispose();
});

Deno.test("makeTrainStep() refuses an optimizer that would leave the layers as they are", () => {
  const before = engine.memory();
  const student = tinyDetector(1);
  const teacher = cachedTeacher(student, { features: true });
  const modules = createDistillModules(layered.terms, {
    studentChannels: 8,
    teacherChannels: 8,
    seed: 1,
  });
  const optimizer = adamW(student.parameters);
  assert.throws(
    () =>
      makeTrainStep({
        ...{ student, optimizer },
        distillation: { teacher, terms: layered.terms, modules },
      }),
    {
      name: "RangeError",
      message: "Cannot train: the optimizer must be made for the parameters " +
        "of the student and of the terms' layers: current one lacks " +
        "'distill.hint.0.adapt.weight'",
    },
  );
  for (const part of [optimizer, modules, teacher, student]) part.dispose();
  assert.deepEqual(engine.memory(), before);
});
