import assert from "node:assert/strict";
import { PRESETS } from "ldlab/distill/mod.ts";
import { runId } from "../../experiments/config.ts";
import { executeRun } from "../../experiments/run.ts";
import { selfDistillation } from "../../experiments/self_distillation.ts";
import { RunStore } from "../../experiments/store.ts";
import { openTeachers } from "../../experiments/teachers.ts";
import { tiny } from "./tiny_config.ts";

Deno.test("selfDistillation() changes nothing but the terms and the teacher", () => {
  const student = selfDistillation(tiny, PRESETS.ld2021);
  assert.deepEqual(student, {
    ...tiny,
    ...PRESETS.ld2021,
    teacher: { config: tiny, seed: 0 },
  });
  const heir = { ...student, inherit: "neckAndHead" } as const;
  assert.equal(selfDistillation(heir, PRESETS.ld2021).inherit, undefined);
  const second = selfDistillation(student, {
    terms: {},
    detectorLosses: { dfl: 0 },
    teacherSeed: 3,
  });
  assert.deepEqual(second, {
    ...tiny,
    terms: {},
    detectorLosses: { dfl: 0 },
    teacher: { config: student, seed: 3 },
  });
});

Deno.test("selfDistillation() refuses terms in place of settings, which would be no terms", () => {
  const terms = PRESETS.ld2021.terms as unknown as typeof PRESETS.ld2021;
  assert.throws(() => selfDistillation(tiny, terms), {
    name: "TypeError",
    message: /terms must be given by name/,
  });
});

Deno.test("selfDistillation() trains a fresh student: its first step is that of the run alone", async () => {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  await using teachers = openTeachers(store);
  const first = async (config: typeof tiny, seed: number) => {
    const steps: Readonly<Record<string, number>>[] = [];
    await executeRun(config, seed, {
      store,
      label: "tiny",
      weights: true,
      teacher: teachers.outputs,
      onProgress: ({ terms }) => steps.push(terms),
    });
    return steps[0];
  };
  const config = {
    ...tiny,
    epochs: 1,
    warmup: { iterations: 1, start: 1 / 2 },
  };
  const alone = await first(config, 0);
  const student = selfDistillation(config, PRESETS.ld2021);
  const own = await first(student, 0);
  // The same start values and images; the trained teacher says something else.
  assert.ok(Math.abs(own.qfl - alone.qfl) < 1e-5 * alone.qfl);
  assert.ok(own.ld > 0, `${own.ld}`);
  assert.notEqual((await first(student, 1)).qfl, own.qfl);
  const [teacherId, id] = [await runId(config, 0), await runId(student, 0)];
  assert.equal(store.get(id)!.teacher, teacherId);
  store.close();
  await Deno.remove(folder, { recursive: true });
});
