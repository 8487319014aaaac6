import assert from "node:assert/strict";
import { createDetector, exportWeights } from "ldlab/detectors/mod.ts";
import { PRESETS } from "ldlab/distill/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { type RunConfig, runId } from "../../experiments/config.ts";
import {
  checkInheritance,
  inheritNeckAndHead,
} from "../../experiments/inheritance.ts";
import { executeRun, type RunOptions } from "../../experiments/run.ts";
import { RunStore } from "../../experiments/store.ts";
import { openTeachers } from "../../experiments/teachers.ts";
import { readWeights } from "../../experiments/weights.ts";
import { assertSameTensors, hashOf } from "../same_tensors.ts";
import { tiny } from "./tiny_config.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

const isBackbone = (name: string) => name.startsWith("backbone.");

Deno.test("inheritNeckAndHead() copies all but the backbone, of a teacher that is deeper", async () => {
  const before = engine.memory();
  const student = createDetector(tiny.model, { seed: 1 });
  const teacher = createDetector({
    ...tiny.model,
    backbone: { depth: 34, baseWidth: 4 },
  }, { seed: 2 });
  const start = await exportWeights(student);
  const its = await exportWeights(teacher);
  inheritNeckAndHead(student, its);
  const both = Array.from(
    start,
    ([name, weight]) =>
      [name, isBackbone(name) ? weight : its.get(name)!] as const,
  );
  assertSameTensors(await exportWeights(student), new Map(both));
  const [own, taught] = [start, its].map((weights) =>
    hashOf(weights.get("neck.fpn_convs.0.conv.weight")!.data)
  );
  assert.notEqual(own, taught);
  student.dispose();
  teacher.dispose();
  assert.deepEqual(engine.memory(), before);
});

const pupilOf = (model: RunConfig["model"]): RunConfig => ({
  ...tiny,
  terms: PRESETS.ld2021.terms,
  teacher: { config: { ...tiny, model }, seed: 0 },
  inherit: "neckAndHead",
});

Deno.test("checkInheritance() names the parameter that has another shape", async () => {
  const before = engine.memory();
  // The backbone's channels enter the neck.
  const backbone = { depth: 18, baseWidth: 8 } as const;
  const wider = { ...tiny.model, backbone };
  await assert.rejects(checkInheritance("a pupil", pupilOf(wider)), {
    name: "TypeError",
    message:
      "Cannot start a pupil with its teacher's neck and head: Cannot load " +
      "weights: 'neck.lateral_convs.0.conv.weight' must be [8, 8, 1, 1]: " +
      "current shape is [8, 16, 1, 1]; 2 more differ",
  });
  const higher = { ...tiny.model, headConvs: 2 };
  await assert.rejects(
    checkInheritance("a pupil", pupilOf(higher)),
    /the network has no 'bbox_head\.cls_convs\.1/,
  );
  assert.deepEqual(engine.memory(), before);
});

Deno.test("checkInheritance() refuses a student without a teacher", () =>
  assert.rejects(
    checkInheritance("a pupil", { ...tiny, inherit: "neckAndHead" }),
    { name: "RangeError", message: /that inherits must have a teacher/ },
  ));

Deno.test("executeRun() lets a student inherit at its start, not when it goes on", async () => {
  const before = engine.memory();
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const teachers = openTeachers(store);
  const execute = (
    config: RunConfig,
    seed: number,
    options: Partial<RunOptions> = {},
  ) =>
    executeRun(config, seed, {
      store,
      label: "tiny",
      weights: true,
      teacher: teachers.outputs,
      ...options,
    });
  const weightsOf = (config: RunConfig, seed: number) =>
    readWeights({ config, seed, store });
  await execute(tiny, 0);

  // A gradient clipped to nothing: the weights stay what they were.
  const optimizer = { kind: "sgd", learningRate: 1, weightDecay: 0 } as const;
  const still = { ...pupilOf(tiny.model), optimizer, clipNorm: 1e-12 };
  await execute(still, 1);
  const fresh = createDetector(tiny.model, { seed: 1 });
  const start = await exportWeights(fresh);
  fresh.dispose();
  const [its, own] = [await weightsOf(tiny, 0), await weightsOf(still, 1)];
  for (const name of ["backbone.conv1.weight", "bbox_head.gfl_reg.weight"]) {
    const expected = (isBackbone(name) ? start : its).get(name)!;
    const { data } = own.get(name)!;
    data.forEach((value, i) =>
      assert.ok(Math.abs(Number(value) - Number(expected.data[i])) < 1e-6, name)
    );
  }

  // Stopped and resumed, it ends where it ends in one go.
  const pupil = pupilOf(tiny.model);
  const stop = new AbortController();
  await execute(pupil, 1, {
    signal: stop.signal,
    onProgress: ({ iteration }) => iteration === 3 && stop.abort(),
  });
  await execute(pupil, 1);
  const resumed = await weightsOf(pupil, 1);
  await Deno.remove(store.runFolder(await runId(pupil, 1)), {
    recursive: true,
  });
  await execute(pupil, 1);
  assertSameTensors(resumed, await weightsOf(pupil, 1));
  const [learned, taught] = [resumed, its].map((weights) =>
    hashOf(weights.get("bbox_head.gfl_reg.weight")!.data)
  );
  assert.notEqual(learned, taught);

  await teachers[Symbol.asyncDispose]();
  assert.deepEqual(engine.memory(), before);
  store.close();
  await Deno.remove(folder, { recursive: true });
});
