import * as tf from "@tensorflow/tfjs-core";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { ResNetConfig } from "ldlab/detectors/backbone_config.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { anchorsOf, targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import {
  DETECTOR_KINDS,
  type DetectorKind,
} from "ldlab/detectors/detector_config.ts";
import { detectorLoss } from "ldlab/detectors/detector_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { DETECTOR_PRESETS, PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import { linearWarmup, stepSchedule } from "ldlab/train/schedules.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { addBatchInputs } from "ldlab/train/step_inputs.ts";
import { data, input, tinyConfig } from "../../train/tiny_detector.ts";
import { trainingStep } from "../training_step.ts";
import type { EqualityCase, EqualityCases } from "./equality_case.ts";

/** What each kind learns from a teacher, and batches for it. */
const LESSONS = Object.fromEntries(
  await Promise.all(DETECTOR_KINDS.map(async (kind) => {
    const { terms }: { terms: DistillTerms } =
      kind === "gfl" || kind === "gflV2"
        ? PRESETS.cvpr2022
        : DETECTOR_PRESETS[kind];
    const source = createTrainingBatches({
      ...data,
      target: targetRuleOf({ ...tinyConfig, kind }),
      regions: termNeeds(terms).regions,
    });
    const batches = [0, 1, 2].map((index) => source.prepare(0, index));
    return [kind, { terms, batches: await Promise.all(batches) }] as const;
  })),
);

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
  { kind = "gfl", change, clip = Infinity, replicas }: {
    kind?: DetectorKind;
    change?: ResNetConfig;
    clip?: number;
    replicas?: number;
  } = {},
): EqualityCase {
  const { terms: lesson, batches } = LESSONS[kind];
  const [key] = Object.keys(batches[0].regions);
  return () => {
    const student = createDetector({
      ...tinyConfig,
      kind,
      backbone: { ...tinyConfig.backbone, ...change },
    }, { seed: 1 });
    const teacher = createDetector({
      ...tinyConfig,
      kind,
      backbone: { depth: 50, baseWidth: 4 },
    }, { seed: 2 });
    const optimizer = sgd(student.parameters);
    const anchors = anchorsOf(student.config, input);
    const size: [number, number] = [data.batchSize, anchors.count];
    return {
      state: new Map([
        ...student.parameters,
        ...student.buffers,
        ...optimizer.state,
      ]),
      held: [...teacher.parameters.values(), ...teacher.buffers.values()],
      inputs: (call) => {
        const batch = batches[call % batches.length];
        const inputs: tf.NamedTensorMap = {
          vlr: tf.tensor2d(Object.values(batch.regions)[0], size),
          learningRate: tf.scalar(schedule(call)),
          ldTemperature: tf.scalar(10 - call / 4),
          kdTemperature: tf.scalar(2 + call / 4),
        };
        addBatchInputs(inputs, batch);
        return inputs;
      },
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
          const targets = {
            labels: given.labels as tf.Tensor2D,
            boxTargets: given.boxTargets as tf.Tensor3D,
            labelWeights: given.labelWeights as tf.Tensor2D | undefined,
          };
          const { losses: own, scoreWeights } = detectorLoss(
            student.config,
            { outputs, targets, anchors },
            { head: "ld" },
          );
          const { losses } = distillLoss(
            {
              student: outputs,
              teacher: taught,
              targets,
              regions: { [key]: given.vlr as tf.Tensor2D },
              scoreWeights,
              anchors,
              temperatures: {
                ld: ldTemperature,
                vlrLd: ldTemperature,
                kd: kdTemperature,
              },
            },
            lesson,
            { replicas },
          );
          for (const [name, loss] of Object.entries({ ...own, ...losses })) {
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
          // A level's factor sums up what cancels; its update is compared.
          if (name.endsWith(".scale")) gradient.dispose();
          else report[`gradient of ${name}`] = gradient;
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
  "a distillation step": distillationStep(),
  "a distillation step on fixed statistics with clipping": distillationStep({
    change: { normEval: true, frozenStages: 1 },
    clip: 1,
  }),
  "a distillation step over replicas": distillationStep({ replicas: 2 }),
  "a distillation step of GFLv2": distillationStep({ kind: "gflV2" }),
  "a distillation step of ATSS": distillationStep({ kind: "atss" }),
  "a distillation step of FCOS": distillationStep({ kind: "fcos" }),
  "a distillation step of RetinaNet": distillationStep({ kind: "retina" }),
};
