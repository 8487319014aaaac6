// Whole training steps: padded images of two sizes, targets, a narrow network,
// losses and the gradients of all parameters, beside MMDetection's.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeTargets } from "ldlab/data/image_targets.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import type { DetectorConfig } from "ldlab/detectors/detector_config.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import type { NetworkVariables } from "ldlab/nn/scope.ts";
import {
  addBatchInputs,
  addDistillInputs,
  type StepInputs,
} from "ldlab/train/step_inputs.ts";
import { stepLosses } from "ldlab/train/step_losses.ts";
import { fillBackbone, noiseImages } from "../detectors/golden_backbone.ts";
import { detectorOf } from "../detectors/mmdet_config.ts";
import { assertClose, type GoldenCase, goldenCases } from "../golden.ts";

const engine = await openEngine({ backend: "tensorflow" });
const { terms } = PRESETS.ld2021;

/** The reference's names of the losses, in our order. */
const LOSSES: Readonly<Record<DetectorConfig["kind"], readonly string[]>> = {
  gfl: ["loss_cls", "loss_bbox", "loss_dfl", "loss_ld"],
  gflV2: [],
  atss: ["loss_cls", "loss_bbox", "loss_centerness"],
  fcos: ["loss_cls", "loss_bbox", "loss_centerness"],
  retina: ["loss_cls", "loss_bbox"],
};

/**
 * How far, relatively, norms of gradients may be. Where batch norms take the
 * batch's statistics, TensorFlow's are right to 1e-5, and a ReLU that near to 0
 * opens or closes: the reference's own norms move by up to 1.5 % with images that
 * differ by 1e-6 of themselves. On pure JS, which sums in doubles, all are within
 * 3e-6 of the reference.
 */
const TOLERANCE = { kept: 1e-3, learning: 5e-2 };

/** Sides in pixels, as the reference has them: height first. */
const sizeOf = ([height, width]: readonly number[]) => ({ height, width });

/** The batch of a case as a step takes it: images zeroed and targets padded. */
function goldenInputs(
  { inputs: given }: GoldenCase,
  config: DetectorConfig,
): tf.NamedTensorMap {
  const count = given.images.length;
  const size = sizeOf(given.size);
  const images = tf.tidy(() => {
    const noise = noiseImages([count, 3, size.height, size.width]);
    const inside = (given.images as number[][]).map(([height, width]) =>
      tf.pad(tf.ones([height, width, 1]), [
        [0, size.height - height],
        [0, size.width - width],
        [0, 0],
      ])
    );
    return tf.mul(noise, tf.stack(inside));
  });
  const targets = makeTargets(targetRuleOf(config), {
    numClasses: config.numClasses,
    regions: new Map(),
    keptBytes: 0,
  });
  const rows = (given.images as number[][]).map((image, i) =>
    targets.of({
      objects: {
        boxes: new Float32Array(given.boxes[i].flat()),
        labels: new Int32Array(given.labels[i]),
      },
      size,
      imageSize: sizeOf(image),
      ownInput: sizeOf(image.map((side) => Math.ceil(side / 32) * 32)),
    })
  );
  const join = (read: (row: typeof rows[0]) => ArrayLike<number>) =>
    rows.flatMap((row) => Array.from(read(row)));
  const inputs: tf.NamedTensorMap = {};
  addBatchInputs(inputs, {
    ids: rows.map((_, i) => `${i}`),
    size,
    images: images.dataSync<"float32">(),
    labels: Int32Array.from(join(({ labels }) => labels)),
    boxTargets: Float32Array.from(join(({ boxTargets }) => boxTargets)),
    labelWeights: Float32Array.from(join(({ labelWeights }) => labelWeights)),
  });
  images.dispose();
  return inputs;
}

const valuesOf = (variables: NetworkVariables["buffers"]) =>
  [...variables].map(([name, one]) => [name, one.arraySync()]);

for (const golden of await goldenCases("detector_losses")) {
  const { name, params, outputs, gradients: norms } = golden;
  const { frozen_stages, norm_eval } = params.narrow.backbone;

  Deno.test(`stepLosses() gives the losses and all gradients of MMDetection's ${name}`, async () => {
    const before = engine.memory();
    const config = detectorOf(params.narrow);
    const student = createDetector(config, { seed: null });
    fillBackbone(student);
    const trained = Object.keys(norms).filter((name) => norms[name] !== null);
    assert.deepEqual(
      [...student.parameters.keys()].sort(),
      trained.sort(),
      "what is trained",
    );
    const inputs = goldenInputs(golden, config);
    if (params.teacher) {
      const teacher = createDetector(detectorOf(params.teacher), {
        seed: null,
      });
      fillBackbone(teacher, "teacher ");
      const said = tf.tidy(() => {
        const { classLogits, boxLogits } = teacher
          .forward(inputs.images as tf.Tensor4D, { training: false });
        return { classLogits, boxLogits };
      });
      addDistillInputs(inputs, {
        outputs: said,
        batch: { regions: {} },
        regions: [],
        terms,
        temperatures: { ld: terms.ld.temperature },
      });
      teacher.dispose();
    }
    const f = (given: StepInputs): tf.NamedTensorMap => {
      const kept: tf.NamedTensorMap = {};
      const { grads } = tf.variableGrads(() => {
        const said = student.forward(given.images, { training: true });
        const { losses } = stepLosses(given, said, {
          config,
          replicas: 1,
          ...(params.teacher && { distillation: { terms } }),
        });
        Object.assign(kept, {
          losses: tf.keep(tf.stack(Object.values(losses))),
        });
        return tf.addN(Object.values(losses)) as tf.Scalar;
      }, [...student.parameters.values()]);
      const found = [...student.parameters].map(([name, variable]) =>
        [name, tf.norm(grads[variable.name])] as const
      );
      const losses = tf.clone(kept.losses);
      kept.losses.dispose();
      return { losses, ...Object.fromEntries(found) };
    };
    const statistics = valuesOf(student.buffers);
    const step = compile(f);
    const places: [string, tf.NamedTensorMap][] = [
      ["TensorFlow", tf.tidy(() => f(inputs as StepInputs))],
      ["TensorFlow compiled", await step(inputs as StepInputs)],
    ];
    for (const [place, found] of places) {
      assertClose(
        await found.losses.data(),
        LOSSES[config.kind].map((key) => outputs.losses[key])
          .filter((loss) => loss !== undefined),
        { relative: 1e-4, absolute: 1e-6 },
        `losses on ${place}`,
      );
      for (const one of trained) {
        assertClose(
          await found[one].data(),
          [norms[one]],
          {
            relative: TOLERANCE[norm_eval ? "kept" : "learning"],
            absolute: 1e-5,
          },
          `norm of the gradient of ${one} on ${place}`,
        );
      }
    }
    if (frozen_stages >= 0 && norm_eval) {
      assert.deepEqual(valuesOf(student.buffers), statistics);
    }
    tf.dispose([inputs, ...places.map(([, found]) => found)]);
    step.dispose();
    student.dispose();
    assert.deepEqual(engine.memory(), before, "leaks");
  });
}

Deno.test("stepLosses() divides GFL's box losses as the head of LD does where there is a teacher", async () => {
  // An input of 8 × 8 has a location a level; the first has a box, w = σ(−3).
  const outputs = {
    classLogits: tf.fill([1, 5, 1], -3) as tf.Tensor3D,
    boxLogits: tf.zeros<tf.Rank.R4>([1, 5, 4, 9]),
    features: [],
  };
  const inputs: tf.NamedTensorMap = {
    images: tf.zeros([1, 8, 8, 3]),
    labels: tf.tensor2d([[0, 1, 1, 1, 1]], [1, 5], "int32"),
    boxTargets: tf.fill([1, 5, 4], 8),
    learningRate: tf.scalar(0),
  };
  const given = { outputs, batch: { regions: {} }, regions: [], terms };
  const config = { kind: "gfl", numClasses: 1 } as const;
  const lossesOf = (distillation?: { terms: typeof terms }) =>
    stepLosses(inputs as StepInputs, outputs, {
      ...{ config, distillation, replicas: 1 },
    }).losses;
  const alone = lossesOf();
  addDistillInputs(inputs, { ...given, temperatures: { ld: 10 } });
  const taught = lossesOf({ terms });
  const w = 1 / (1 + Math.exp(3)); // over max(W, 1), and over W + 1e-6
  for (const name of ["giou", "dfl"]) {
    const [before] = await alone[name].data();
    const after = await taught[name].data();
    assert.ok(before > 0);
    assertClose(after, [before / (w + 1e-6)], { relative: 1e-5 }, name);
  }
});
