import assert from "node:assert/strict";
import "@tensorflow/tfjs";
import { createDetector } from "ldlab/detectors/mod.ts";
import { IMITATION } from "ldlab/distill/mod.ts";
import { makeModules, makeOptimizer } from "../../experiments/trained_parts.ts";
import { tiny } from "./tiny_config.ts";

const { imitation } = IMITATION.fitNets;
const pupil = {
  ...tiny,
  terms: { hint: { ...imitation, adaptation: "1x1" } },
  teacher: {
    config: { ...tiny, model: { ...tiny.model, neckChannels: 16 } },
    seed: 0,
  },
} as const;

Deno.test("makeModules() starts from the run's seed, and adapts to the teacher's width", async () => {
  const student = createDetector(tiny.model, { seed: 1 });
  const starts: Float32Array[] = [];
  for (const seed of [1, 2, 1]) {
    const modules = makeModules(pupil, student, seed);
    const weight = modules.parameters.get("distill.hint.0.adapt.weight")!;
    assert.deepEqual(weight.shape, [1, 1, 8, 16]);
    starts.push(await weight.data<"float32">());
    modules.dispose();
  }
  assert.deepEqual(starts[0], starts[2]);
  assert.notDeepEqual(starts[0], starts[1]);
  student.dispose();
});

Deno.test("makeModules() makes nothing for a run without a teacher, makeOptimizer() one of all parts", () => {
  const student = createDetector(tiny.model, { seed: 1 });
  const none = makeModules({ ...pupil, teacher: null }, student, 1);
  assert.equal(none.parameters.size, 0);
  const modules = makeModules(pupil, student, 1);
  const optimizer = makeOptimizer(pupil, [student, modules]);
  assert.deepEqual([...optimizer.parameters.keys()], [
    ...student.parameters.keys(),
    ...modules.parameters.keys(),
  ]);
  for (const part of [optimizer, modules, student]) part.dispose();
});
