import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { measureComplexity } from "ldlab/detectors/complexity.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import { createGfl } from "ldlab/detectors/gfl.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { exportWeights } from "ldlab/detectors/weights.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { type DistillTerms, PRESETS } from "ldlab/distill/terms.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { wave } from "../float64.ts";

const engine = await openEngine({ backend: "tensorflow" });

const config = {
  numClasses: 3,
  depth: 18,
  baseWidth: 4,
  neckChannels: 8,
  headChannels: 8,
  headConvs: 1,
  groups: 4,
} as const;
const input = { height: 64, width: 64 };
const anchors = makeAnchors(input);
const shape: [number, number, number, number] = [2, 64, 64, 3];

/** A student after three compiled steps, with or without a teacher. */
async function train(
  terms: DistillTerms | undefined,
  teacher: Detector,
): Promise<{ student: Detector; losses: number[][] }> {
  const student = createGfl(config, { seed: 1 });
  const optimizer = sgd(student.parameters);
  const step = compile((given: Record<string, tf.Tensor>) => {
    const images = given.images as tf.Tensor4D;
    const targets = {
      labels: given.labels as tf.Tensor2D,
      boxTargets: given.boxTargets as tf.Tensor3D,
      vlr: given.vlr as tf.Tensor2D,
    };
    const taught = terms && teacher.forward(images, { training: false });
    const parts: tf.Scalar[] = [];
    const { grads } = tf.variableGrads(() => {
      const outputs = student.forward(images, { training: true });
      const { qfl, giou, dfl, scoreWeights } = gflLoss({
        outputs,
        targets,
        anchors,
      });
      parts.push(qfl, giou, dfl);
      if (terms && taught) {
        const { losses } = distillLoss({
          student: outputs,
          teacher: taught,
          targets,
          scoreWeights,
          anchors,
        }, terms);
        parts.push(...Object.values(losses));
      }
      parts.forEach((part) => tf.keep(part));
      return tf.addN(parts);
    }, [...student.parameters.values()]);
    const gradients = new Map(
      [...student.parameters].map(([name, variable]) => [
        name,
        grads[variable.name],
      ]),
    );
    optimizer.apply(gradients, given.rate as tf.Scalar);
    const losses = tf.stack(parts);
    tf.dispose(parts);
    return { losses };
  });
  const labels = Array.from(
    { length: 2 * anchors.count },
    (_, i) => i % 20 < 2 ? i % 3 : 3,
  );
  const inputs = {
    images: tf.tensor4d(wave(2 * 64 * 64 * 3, 2), shape),
    labels: tf.tensor2d(labels, [2, anchors.count], "int32"),
    boxTargets: tf.tidy(() =>
      tf.tile(tf.tensor([4, 4, 44, 50], [1, 1, 4]), [2, anchors.count, 1])
    ),
    vlr: tf.fill([2, anchors.count], 0.1),
    rate: tf.scalar(0.01),
  };
  const losses: number[][] = [];
  for (let i = 0; i < 3; i++) {
    const outputs = await step(inputs);
    losses.push([...await outputs.losses.data()]);
    tf.dispose(outputs);
  }
  tf.dispose(inputs);
  optimizer.dispose();
  step.dispose();
  return { student, losses };
}

/** What deploying a detector takes. */
async function deployment(detector: Detector) {
  const images = tf.zeros<tf.Rank.R4>(shape);
  const infer = compile(({ images }: { images: tf.Tensor4D }) => {
    const { classLogits, boxLogits } = detector.forward(images, {
      training: false,
    });
    return { classLogits, boxLogits };
  });
  const outputs = await infer({ images });
  const { nodes } = infer.statistics;
  infer.dispose();
  tf.dispose([images, outputs] as tf.TensorContainer);
  const weights = await exportWeights(detector);
  return {
    nodes,
    shapes: [...weights].map(([name, { shape }]) => [name, shape]),
    complexity: measureComplexity(detector, input),
  };
}

Deno.test("distillation changes a student's weights, and neither its graph nor its size nor its cost", async () => {
  const before = engine.memory();
  const teacher = createGfl({ ...config, baseWidth: 8 }, { seed: 2 });
  const taughtBy = await exportWeights(teacher);
  const plain = await train(undefined, teacher);
  const distilled = await train(PRESETS.cvpr2022, teacher);
  for (const losses of [...plain.losses, ...distilled.losses]) {
    assert.ok(losses.every(Number.isFinite));
  }
  assert.deepEqual(
    await deployment(distilled.student),
    await deployment(plain.student),
  );
  const name = "bbox_head.gfl_reg.weight";
  assert.notDeepEqual(
    (await exportWeights(distilled.student)).get(name),
    (await exportWeights(plain.student)).get(name),
  );
  // The teacher has learnt nothing, running statistics included.
  assert.deepEqual(await exportWeights(teacher), taughtBy);
  for (const detector of [teacher, plain.student, distilled.student]) {
    detector.dispose();
  }
  assert.deepEqual(engine.memory(), before);
});
