// Whole runs of a small GFL student on synthetic scenes, with a teacher.
import assert from "node:assert/strict";
import { createLoader } from "ldlab/data/loader.ts";
import type { Batch } from "ldlab/data/training_batches.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { adamW } from "ldlab/train/adam_w.ts";
import { cosineSchedule } from "ldlab/train/schedules.ts";
import { readState } from "ldlab/train/state.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { cachedTeacher } from "ldlab/train/teacher.ts";
import { type Progress, train } from "ldlab/train/train.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { data, tinyDetector } from "./tiny_detector.ts";
import { inFolder } from "./toy_run.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });
const { regions } = termNeeds(PRESETS.cvpr2022.terms);
const EPOCHS = 3;
const TOTAL = 9;

/** Trains a student from `seed`, or what is in the folder, until `stopAt`. */
async function run(
  { seed = 1, folder, stopAt, poisonAt, onProgress = () => {} }: {
    seed?: number;
    folder?: string;
    stopAt?: number;
    poisonAt?: number;
    onProgress?: (progress: Progress) => void;
  } = {},
) {
  const student = tinyDetector(seed);
  const teacher = tinyDetector(7);
  const outputs = cachedTeacher(teacher);
  const optimizer = adamW(student.parameters, { weightDecay: 0.05 });
  const step = makeTrainStep({
    student,
    optimizer,
    clip: 35,
    distillation: { teacher: outputs, terms: PRESETS.cvpr2022.terms },
  });
  const stop = new AbortController();
  const training = train({
    step,
    loader: (start) =>
      poisoned(
        createLoader({ ...data, regions, epochs: EPOCHS, start }),
        poisonAt,
      ),
    schedule: cosineSchedule(4e-3, TOTAL),
    totalIterations: TOTAL,
    checkpoints: folder === undefined
      ? undefined
      : { folder, every: 4, seeds: { data: data.seed }, config: {} },
    signal: stop.signal,
    onProgress: (progress) => {
      onProgress(progress);
      if (progress.iteration === stopAt) stop.abort();
    },
  });
  try {
    return { result: await training, state: await readState(step.state) };
  } finally {
    for (const part of [step, optimizer, outputs, teacher, student]) {
      part.dispose();
    }
  }
}

/** The loader's batches; the images of iteration `at` hold a NaN. */
async function* poisoned(loader: AsyncIterable<Batch>, at?: number) {
  for await (const batch of loader) {
    if (batch.epoch * 3 + batch.index === at) batch.images[1000] = NaN;
    yield batch;
  }
}

Deno.test("train() with a teacher, stopped and resumed, ends bit by bit as undisturbed", async () => {
  const seen: Progress[] = [];
  const undisturbed = await run({ onProgress: (p) => seen.push(p) });
  assert.equal(undisturbed.result.iteration, TOTAL);
  assert.ok(seen.at(-1)!.terms.total < seen[0].terms.total, "it learns");
  // Within an epoch, at the end of one, and after a periodic checkpoint.
  for (const stopAt of [2, 3, 5]) {
    await inFolder(async (folder) => {
      const first = await run({ folder, stopAt });
      assert.equal(first.result.iteration, stopAt);
      const second = await run({ folder, seed: 2 });
      assert.equal(second.result.resumedFrom, stopAt);
      assertSameTensors(
        second.state,
        undisturbed.state,
        `stopped at ${stopAt}`,
      );
    });
  }
});

Deno.test("train() stopped by NaN in an image loses nothing: it goes on from its checkpoint", () =>
  inFolder(async (folder) => {
    const before = engine.memory();
    await assert.rejects(
      run({ folder, poisonAt: 6 }),
      /RangeError: .*'\w+' is NaN at iteration 6, of the images scene_1_\d+, .*checkpoint-000000004/,
    );
    assert.deepEqual(engine.memory(), before);
    const { result, state } = await run({ folder, seed: 2 });
    assert.equal(result.resumedFrom, 4);
    assertSameTensors(state, (await run()).state);
  }));

Deno.test("train() with a teacher leaves no tensor or handle behind", async () => {
  const before = engine.memory();
  await run();
  assert.deepEqual(engine.memory(), before);
});
