import * as tf from "@tensorflow/tfjs-core";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { ResNetConfig } from "ldlab/detectors/backbone_config.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import { linearWarmup, stepSchedule } from "ldlab/train/schedules.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { input, tinyConfig } from "../../train/tiny_detector.ts";
import { trainingStep } from "../training_step.ts";
import type { EqualityCase, EqualityCases } from "./equality_case.ts";
import {
  anchors,
  batches,
  regionsOf,
  targets,
  vlr,
} from "./location_tensors.ts";

const schedule = linearWarmup(stepSchedule(0.02, [10]), {
  iterations: 4,
  start: 0.1,
});

/**
 * A whole distillation step: a deeper teacher's forward pass, the student's in
 * training, all losses of the paper, gradients, clipping, SGD and the
 * running statistics; rate and temperatures move.
 */
function distillationStep(
  change: ResNetConfig,
  clip: number,
): EqualityCase {
  return () => {
    const student = createDetector({
      ...tinyConfig,
      backbone: { ...tinyConfig.backbone, ...change },
    }, { seed: 1 });
    const teacher = createDetector({
      ...tinyConfig,
      backbone: { depth: 50, baseWidth: 4 },
    }, { seed: 2 });
    const optimizer = sgd(student.parameters);
    const labelled = (given: tf.NamedTensorMap) => ({
      labels: given.labels as tf.Tensor2D,
      boxTargets: given.boxTargets as tf.Tensor3D,
    });
    return {
      state: new Map([
        ...student.parameters,
        ...student.buffers,
        ...optimizer.state,
      ]),
      held: [...teacher.parameters.values(), ...teacher.buffers.values()],
      inputs: (call) => ({
        images: tf.tensor4d(
          batches[call % batches.length].images,
          [2, input.height, input.width, 3],
        ),
        labels: targets.labels(call),
        boxTargets: targets.boxTargets(call),
        vlr: vlr(call),
        learningRate: tf.scalar(schedule(call)),
        ldTemperature: tf.scalar(10 - call / 4),
        kdTemperature: tf.scalar(2 + call / 4),
      }),
      step: (given) => {
        const images = given.images as tf.Tensor4D;
        const [ldTemperature, kdTemperature] = [
          given.ldTemperature,
          given.kdTemperature,
        ] as tf.Scalar[];
        const terms: Record<string, tf.Tensor> = {};
        const { value: total, grads } = tf.variableGrads(() => {
          const taught = teacher.forward(images, { training: false });
          const outputs = student.forward(images, { training: true });
          const { scoreWeights, positives: _, ...gfl } = gflLoss(
            { outputs, targets: labelled(given), anchors },
            { head: "ld" },
          );
          const { losses } = distillLoss(
            {
              student: outputs,
              teacher: taught,
              targets: labelled(given),
              regions: regionsOf(given.vlr),
              scoreWeights,
              anchors,
              temperatures: {
                ld: ldTemperature,
                vlrLd: ldTemperature,
                kd: kdTemperature,
              },
            },
            PRESETS.cvpr2022.terms,
          );
          for (const [name, loss] of Object.entries({ ...gfl, ...losses })) {
            terms[name] = tf.keep(loss);
          }
          return tf.addN(Object.values(terms)) as tf.Scalar;
        }, [...student.parameters.values()]);
        const gradients = new Map(
          [...student.parameters].map(([name, v]) => [name, grads[v.name]]),
        );
        const { clipped, norm } = clipGradients(gradients, clip);
        optimizer.apply(clipped, given.learningRate as tf.Scalar);
        const report: tf.NamedTensorMap = { total, norm };
        for (const [name, term] of Object.entries(terms)) {
          report[name] = tf.clone(term);
          term.dispose(); // kept beyond the gradients' own tidy
        }
        for (const [name, gradient] of gradients) {
          report[`gradient of ${name}`] = gradient;
        }
        return report;
      },
    };
  };
}

/** The engine's own kernels with tfjs's. */
const classifierStep: EqualityCase = () => {
  const { step, inputs, state } = trainingStep();
  return {
    step,
    state: new Map(state.map((variable, i) => [`variable ${i}`, variable])),
    held: Object.values(inputs),
    inputs: () =>
      Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, tf.clone(input)]),
      ),
  };
};

/** Whole steps. */
export const trainingStepCases: EqualityCases = {
  "a classifier's training step": classifierStep,
  "a distillation step": distillationStep({}, Infinity),
  "a distillation step on fixed statistics with clipping": distillationStep(
    { normEval: true, frozenStages: 1 },
    1,
  ),
};
