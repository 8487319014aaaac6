import assert from "node:assert/strict";
import { TEACHER_JITTER } from "ldlab/data/mod.ts";
import { FGD, IMITATION, PRESETS } from "ldlab/distill/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { type RunConfig, runId } from "../../experiments/config.ts";
import { executeRun } from "../../experiments/run.ts";
import { RunStore } from "../../experiments/store.ts";
import { openTeachers, type TeacherNeeds } from "../../experiments/teachers.ts";
import { readWeights } from "../../experiments/weights.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { tiny } from "./tiny_config.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

Deno.test("executeRun() trains a student with regions, features, layers and losses of its own", async () => {
  const before = engine.memory();
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const teachers = openTeachers(store);
  const stop = new AbortController();
  const asked: TeacherNeeds[] = [];
  const execute = (config: RunConfig, seed: number, signal?: AbortSignal) =>
    executeRun(config, seed, {
      store,
      label: "tiny",
      weights: true,
      teacher: (teacher, needs) => {
        asked.push(needs);
        return teachers.outputs(teacher, needs);
      },
      signal,
      onProgress: ({ iteration }) => {
        if (signal && iteration === 3) stop.abort();
      },
    });
  const wide = { ...tiny, model: { ...tiny.model, neckChannels: 16 } };
  await execute(wide, 0);
  const { imitation } = IMITATION.fineGrained;
  const pupil: RunConfig = {
    ...tiny,
    terms: {
      ...PRESETS.cvpr2022.terms,
      hint: { ...imitation, adaptation: "1x1" },
      ...FGD.gfl,
    },
    detectorLosses: { dfl: 0 },
    teacher: { config: wide, seed: 0 },
  };
  const record = await execute(pupil, 1);
  for (const epoch of record!.epochs) {
    for (const name of ["ld", "vlrLd", "kd", "hint", "fgd", "vlrLocations"]) {
      assert.ok(epoch![name] > 0, name);
    }
    assert.equal(epoch!.dfl, 0);
  }
  const weightsOf = (seed: number) =>
    readWeights({ config: pupil, seed, store });
  const names = [...(await weightsOf(1)).keys()];
  assert.deepEqual(names.filter((name) => name.startsWith("distill")), []);

  // Stopped and resumed, it ends where it ends in one go.
  const undisturbed = await weightsOf(1);
  await Deno.remove(store.runFolder(await runId(pupil, 1)), {
    recursive: true,
  });
  assert.equal(await execute(pupil, 1, stop.signal), null);
  await execute(pupil, 1);
  assertSameTensors(await weightsOf(1), undisturbed);

  // Jittered images do not come again: nothing said about them is kept.
  const jittered = {
    ...pupil,
    epochs: 1,
    augmentation: { flips: true, jitter: TEACHER_JITTER },
  } as const;
  assert.ok(asked.every(({ keeps, features }) => keeps && features));
  await execute(jittered, 1);
  assert.equal(asked.at(-1)!.keeps, false);

  await teachers[Symbol.asyncDispose]();
  store.close();
  await Deno.remove(folder, { recursive: true });
  assert.deepEqual(engine.memory(), before);
});
