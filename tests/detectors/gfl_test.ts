import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { decodeDetections } from "ldlab/eval/decode_detections.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { assertClose } from "../golden.ts";
import { fromBoxMaps, fromMaps, sumOfLevels } from "./dense_heads.ts";
import {
  goldenBatch,
  goldenDetector,
  lossesAndGradients,
  modelCase,
  modelTensors,
  normTolerance,
  toReference,
} from "./gfl_model.ts";

const engine = await openEngine({ backend: "tensorflow" });

/** Runs a step on TensorFlow eagerly and compiled, as `await run(step)`. */
const places: [
  string,
  (step: () => tf.NamedTensorMap) => Promise<tf.NamedTensorMap>,
][] = [
  ["TensorFlow", (step) => Promise.resolve(tf.tidy(step))],
  ["TensorFlow compiled", async (step) => {
    const compiled = compile<tf.NamedTensorMap, tf.NamedTensorMap>(step);
    const outputs = await compiled({});
    compiled.dispose();
    return outputs;
  }],
];

for (
  const [mode, training] of [["bn_eval", false], ["bn_train", true]] as const
) {
  Deno.test(`createDetector() gives MMDetection's features, logits and running statistics in ${mode}`, async () => {
    for (const [place, run] of places) {
      const before = engine.memory();
      const detector = goldenDetector();
      const { images, dispose } = goldenBatch();
      const outputs = await run(() => {
        const { classLogits, boxLogits, features } = detector.forward(images, {
          training,
        });
        const maps = features.map((
          map,
          i,
        ) => [`P${i + 3}`, tf.transpose(map, [0, 3, 1, 2])]);
        return { classLogits, boxLogits, ...Object.fromEntries(maps) };
      });
      const expected: Record<string, ArrayLike<number>> = {
        classLogits: fromMaps(modelTensors, `${mode}/cls_score`).data,
        boxLogits: fromBoxMaps(modelTensors, `${mode}/bbox_pred`).data,
      };
      for (const name of Object.keys(outputs)) {
        if (!/^P\d$/.test(name)) continue;
        expected[name] = modelTensors.get(`${mode}/${name}`)!.data;
      }
      for (const [name, values] of Object.entries(expected)) {
        assertClose(
          await outputs[name].data(),
          values,
          { ofLargest: 1e-4 },
          `${name} on ${place}`,
        );
      }
      for (const [name, buffer] of detector.buffers) {
        const moved = modelTensors.get(`${mode}/after_forward/${name}`);
        if (training) assert.ok(moved, name);
        if (moved) {
          assertClose(
            await buffer.data(),
            moved.data,
            { ofLargest: 1e-4 },
            `${name} on ${place}`,
          );
        }
      }
      tf.dispose(outputs);
      dispose();
      detector.dispose();
      assert.deepEqual(engine.memory(), before, `leaks on ${place}`);
    }
  });
}

for (const mode of ["bn_eval", "bn_train", "norm_eval_frozen1"]) {
  Deno.test(`gflLoss() trains createDetector() with MMDetection's losses and gradients in ${mode}`, async () => {
    const frozen = mode === "norm_eval_frozen1";
    const { outputs, gradients: { grad_norm: norms } } = modelCase(mode);
    const trained = Object.keys(norms).filter((name) => norms[name] !== null);
    for (const [place, run] of places) {
      const before = engine.memory();
      const detector = goldenDetector(
        frozen ? { frozenStages: 1, normEval: true } : {},
      );
      const statistics = await valuesOf(detector.buffers);
      assert.deepEqual([...detector.parameters.keys()], trained);
      const batch = goldenBatch();
      const found = await run(() => {
        const { losses, gradients } = lossesAndGradients(detector, batch, {
          training: mode !== "bn_eval",
        });
        return { losses, ...Object.fromEntries(gradients) };
      });
      assertClose(
        await found.losses.data(),
        ["loss_cls", "loss_bbox", "loss_dfl"].map((key) =>
          sumOfLevels(outputs[key])
        ),
        { relative: 1e-4 },
        `losses on ${place}`,
      );
      for (const name of trained) {
        const gradient = toReference(found[name]);
        const values = await gradient.data();
        gradient.dispose();
        const norm = Math.hypot(...values);
        assertClose(
          [norm],
          [norms[name]],
          { relative: 1e-3 },
          `gradient norm of ${name} on ${place}`,
        );
        const whole = modelTensors.get(`${mode}/grad/${name}`);
        if (whole) {
          assertClose(
            values,
            whole.data,
            // Float32's error switches one ReLU in 10^5, which moves a gradient.
            { ofLargest: 3e-4 },
            `gradient of ${name} on ${place}`,
          );
        }
      }
      if (frozen) {
        assert.deepEqual(await valuesOf(detector.buffers), statistics);
      }
      tf.dispose(found);
      batch.dispose();
      detector.dispose();
      assert.deepEqual(engine.memory(), before, `leaks on ${place}`);
    }
  });
}

Deno.test("createDetector() and decodeDetections() find what MMDetection's GFL finds", async () => {
  const detector = goldenDetector();
  const { images, anchors, dispose } = goldenBatch();
  const [batch, height, width] = images.shape;
  const { classLogits, boxLogits } = detector.forward(images, {
    training: false,
  });
  const expected = modelCase("predict_eval").outputs;
  for (let i = 0; i < batch; i++) {
    const of = async (tensor: tf.Tensor) =>
      await tf.tidy(() => tf.gather(tensor, i)).data<"float32">();
    const found = decodeDetections({
      classLogits: await of(classLogits),
      boxLogits: await of(boxLogits),
      anchors,
      imageSize: { height, width },
    });
    const { bboxes, scores, labels } = expected[i];
    assert.deepEqual([...found.labels], labels.data);
    assertClose(found.scores, scores.data, { absolute: 1e-4 });
    assertClose(found.boxes, bboxes.data, { absolute: 1e-2 });
  }
  dispose();
  detector.dispose();
});

Deno.test("createDetector() follows PyTorch through four SGD steps, compiled", async () => {
  const { params, outputs } = modelCase("sgd4_bn_train");
  const detector = goldenDetector();
  const batch = goldenBatch();
  const optimizer = sgd(detector.parameters, {
    momentum: params.momentum,
    weightDecay: params.weight_decay,
  });
  const step = compile(({ rate }: { rate: tf.Scalar }) => {
    const { losses, gradients } = lossesAndGradients(detector, batch, {
      training: true,
    });
    const { clipped, norm } = clipGradients(gradients, params.clip_grad_norm);
    optimizer.apply(clipped, rate);
    return { losses, norm };
  });
  const rate = tf.scalar(params.lr);
  for (const [i, expected] of outputs.history.entries()) {
    const { losses, norm } = await step({ rate });
    const { loss_cls, loss_bbox, loss_dfl, grad_norm_before_clip } = expected;
    assertClose(await losses.data(), [loss_cls, loss_bbox, loss_dfl], {
      relative: 1e-3,
    });
    const relative = normTolerance(i);
    assertClose(await norm.data(), [grad_norm_before_clip], { relative });
  }
  assert.equal(step.statistics.recordings, 1);
  for (const map of [detector.parameters, detector.buffers]) {
    for (const [name, variable] of map) {
      const norm = Math.hypot(...await variable.data());
      assertClose(
        [norm],
        [outputs.param_norms[name]],
        { relative: 1e-3 },
        name,
      );
    }
  }
  batch.dispose();
  detector.dispose();
});

async function valuesOf(variables: ReadonlyMap<string, tf.Variable>) {
  const values = new Map<string, number[]>();
  for (const [name, variable] of variables) {
    values.set(name, [...await variable.data()]);
  }
  return values;
}
