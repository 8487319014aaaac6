// B images, A locations or anchors of all levels.
import * as tf from "@tensorflow/tfjs-core";
import { completeTerms } from "../distill/complete_terms.ts";
import { termNeeds } from "../distill/term_needs.ts";
import { compile } from "../engine/compile.ts";
import { regionKey } from "../regions/region.ts";
import { clipGradients } from "./clip_gradients.ts";
import type { Optimizer } from "./optimizer.ts";
import {
  addBatchInputs,
  addDistillInputs,
  type StepInputs,
} from "./step_inputs.ts";
import { stepLosses } from "./step_losses.ts";
import type { DetectorStep, TrainStepOptions } from "./step_options.ts";
import { SIGNATURES } from "./teacher.ts";

/**
 * Makes the training step of a detector of any kind, with or without a teacher:
 * forward pass, losses, gradients, clipping, optimizer and running statistics in
 * one compiled step, which leaves the event loop free. It is recorded once for
 * each size of batches, whose anchors are those of the student (`anchorsOf`).
 *
 * total = the detector's losses + the mean over replicas of the given terms
 *
 * The step returns the weighted losses by name (the detector's: `qfl`, `giou`,
 * `dfl`, `ciou` where it has a weight; or `focal`, `box`, `centerness`; and the
 * terms'), `total`, `gradientNorm` before clipping, and how many locations of the
 * batch are in the regions: `mainLocations` and, with the regions' names of
 * `distillLoss`, those of the terms, as `vlrLocations`.
 *
 * With distillation, GFL's losses are normalised as the released LD head does
 * (W + 1e-6), without it as the GFL head does (max(W, 1)).
 *
 * Replicas: the published runs had several GPUs with a few images each. Terms are
 * sums over the images of a GPU, or means over its positives, and gradients are
 * averaged over GPUs, so a term's weight depends on the images of a GPU and not
 * of all. The detector's own losses are of the whole batch: GFL's, ATSS's and
 * FCOS's are divided by means over GPUs, which comes to the same but for their
 * lower bounds. RetinaNet's are divided by each GPU's own positives, which is not
 * done here. Batch norms that learn see the whole batch.
 *
 * @param options See {@linkcode TrainStepOptions}.
 * @returns The step; its `state` is the student's parameters and buffers, those
 * of the modules and, as `optimizer.…`, the optimizer's state.
 * @throws {RangeError} If a term is not in order, the limit not above 0, the
 * optimizer not made for the layers of the terms, which would not learn. A step
 * rejects with what `detectorLoss` and `distillLoss` throw.
 * @see MMDetection 3.3.0 `GFLHead` and `LDHead`; HikariTJU/LD `LDHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTrainingBatches } from "ldlab/data/training_batches.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { adamW } from "ldlab/train/adam_w.ts";
 * import { makeTrainStep } from "ldlab/train/step.ts";
 *
 * await openEngine();
 * const dataset = makeScenes({ seed: 1, count: 2 });
 * const student = createDetector({
 *   kind: "gfl", numClasses: dataset.classes.length, backbone: { depth: 18, baseWidth: 4 },
 *   neckChannels: 8, headChannels: 8, headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const optimizer = adamW(student.parameters);
 * const step = makeTrainStep({ student, optimizer, clip: 35 });
 * const batches = createTrainingBatches({
 *   dataset, input: { kind: "stretch", width: 64, height: 64 }, batchSize: 2, seed: 0,
 *   augmentation: { flips: true },
 * });
 * const { qfl, giou, dfl, total } = await step.run(await batches.prepare(0, 0), 1e-3);
 * assert.ok(Math.abs(qfl + giou + dfl - total) < 1e-4);
 * step.dispose();
 * optimizer.dispose();
 * student.dispose();
 * ```
 */
export function makeTrainStep(
  {
    student,
    optimizer,
    clip = Infinity,
    detectorLosses,
    distillation,
    replicas = 1,
    movingWeights = false,
    onRecord,
    precision,
    xla,
    onNotice,
  }: TrainStepOptions,
): DetectorStep {
  const terms = distillation?.terms ?? {};
  const active = Object.entries(completeTerms(terms));
  const regions = termNeeds(terms).regions.map(regionKey);
  const temperatures: DetectorStep["temperatures"] = {};
  const weights: DetectorStep["weights"] = {};
  for (const [name, term] of active) {
    if ("temperature" in term) temperatures[name] = term.temperature;
    if (movingWeights) weights[name] = term.weight;
  }
  Object.seal(temperatures); // a misspelt name is an error
  Object.seal(weights);
  const layers = distillation?.modules?.parameters ?? new Map();
  requireTrained(layers, optimizer);
  const trained = new Map([...student.parameters, ...layers]);

  const update = compile((inputs: StepInputs) => {
    const kept: Record<string, tf.Scalar> = {};
    const { value: total, grads } = tf.variableGrads(() => {
      const outputs = student.forward(inputs.images, { training: true });
      const { losses, regions } = stepLosses(inputs, outputs, {
        config: student.config,
        distillation,
        detectorLosses,
        replicas,
      });
      // What is not kept goes with the tape.
      for (const [name, value] of Object.entries({ ...losses, ...regions })) {
        kept[name] = tf.keep(value);
      }
      return tf.addN(Object.values(losses)) as tf.Scalar;
    }, [...trained.values()]);
    // A parameter that no loss reaches, as the box head's without a box loss.
    const gradients = new Map(
      [...trained].map(([name, variable]) =>
        [name, grads[variable.name] ?? tf.zerosLike(variable)] as const
      ),
    );
    const { clipped, norm: gradientNorm } = clipGradients(gradients, clip);
    optimizer.apply(clipped, inputs.learningRate);
    const report: Record<string, tf.Tensor> = {};
    for (const [name, value] of Object.entries(kept)) {
      report[name] = tf.clone(value);
      value.dispose();
    }
    return { ...report, total, gradientNorm };
  }, {
    name: "train",
    signatures: SIGNATURES,
    onRecord,
    precision,
    xla,
    onNotice,
  });

  return {
    state: new Map([
      ...trained,
      ...student.buffers,
      ...[...optimizer.state].map(([name, variable]) =>
        [`optimizer.${name}`, variable] as const
      ),
    ]),
    temperatures,
    weights,
    statistics: update.statistics,
    dispose: () => update.dispose(),
    run: async (batch, learningRate) => {
      checkTemperatures(temperatures);
      checkWeights(weights);
      const inputs: tf.NamedTensorMap = {};
      try {
        addBatchInputs(inputs, batch);
        if (active.length > 0) {
          const images = inputs.images as tf.Tensor4D;
          const outputs = await distillation!.teacher.of(batch, images);
          const all = { outputs, batch, regions, terms, temperatures, weights };
          addDistillInputs(inputs, all);
        }
        inputs.learningRate = tf.scalar(learningRate);
        return await readScalars(await update(inputs as StepInputs));
      } finally {
        tf.dispose(inputs);
      }
    },
  };
}

/** A layer that no optimizer updates would stay as it started, silently. */
function requireTrained(
  layers: ReadonlyMap<string, tf.Variable>,
  { parameters }: Optimizer,
): void {
  for (const [name, variable] of layers) {
    if (parameters.get(name) === variable) continue;
    throw new RangeError(
      "Cannot train: the optimizer must be made for the parameters of the " +
        `student and of the terms' layers: current one lacks '${name}'`,
    );
  }
}

async function readScalars(
  scalars: tf.NamedTensorMap,
): Promise<Record<string, number>> {
  const values = await Promise.all(
    Object.entries(scalars).map(async ([name, scalar]) =>
      [name, (await scalar.data())[0]] as const
    ),
  );
  tf.dispose(scalars);
  return Object.fromEntries(values);
}

function checkTemperatures(temperatures: DetectorStep["temperatures"]): void {
  for (const [name, value] of Object.entries(temperatures)) {
    if (value > 0 && value < Infinity) continue;
    throw new RangeError(
      `Cannot distil: the temperature of ${name} must be above 0: current ` +
        `value is ${value}`,
    );
  }
}

function checkWeights(weights: DetectorStep["weights"]): void {
  for (const [name, value] of Object.entries(weights)) {
    if (Number.isFinite(value)) continue;
    throw new RangeError(
      `Cannot distil: the weight of ${name} must be finite: current value is ` +
        value,
    );
  }
}
