import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
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

Deno.test("makeOptimizer() gives SGD the config's momentum and factors of biases", async () => {
  const student = createDetector(tiny.model, { seed: 1 });
  const optimizer = makeOptimizer({
    ...tiny,
    optimizer: {
      kind: "sgd",
      learningRate: 1,
      weightDecay: 0,
      momentum: 0.5,
      biases: { rate: 3, decay: 0 },
    },
  }, [student]);
  // Momentum 0.5 and twice a gradient of 1: the rate times 1, then 1.5.
  const gradients = new Map(
    [...student.parameters].map(([name, value]) => [name, tf.onesLike(value)]),
  );
  const moved = async (name: string) => {
    const [value] = await student.parameters.get(name)!.data();
    return value;
  };
  const names = ["bbox_head.gfl_cls.bias", "bbox_head.gfl_cls.weight"];
  const before = await Promise.all(names.map(moved));
  for (const _ of [1, 2]) optimizer.apply(gradients, tf.scalar(0.5));
  const after = await Promise.all(names.map(moved));
  const steps = after.map((value, index) => before[index] - value);
  assert.ok(Math.abs(steps[0] - 3 * 1.25) < 1e-5, `${steps[0]}`);
  assert.ok(Math.abs(steps[1] - 1.25) < 1e-5, `${steps[1]}`);
  tf.dispose([...gradients.values()]);
  for (const part of [optimizer, student]) part.dispose();
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
