// B images, A locations of all levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import type { Batch } from "../data/training_batches.ts";
import type { Detector, DetectorOutputs } from "../detectors/detector.ts";
import { gflLoss } from "../detectors/gfl_loss.ts";
import type { Targets } from "../detectors/targets.ts";
import { distillLoss } from "../distill/distill_loss.ts";
import type { DistillTerm, DistillTerms } from "../distill/terms.ts";
import {
  compile,
  type CompileStatistics,
  type OnRecord,
  type Precision,
} from "../engine/compile.ts";
import { clipGradients } from "./clip_gradients.ts";
import type { Optimizer } from "./optimizer.ts";
import type { InputSize, TeacherOutputs } from "./teacher.ts";
import type { TrainStep } from "./train.ts";

type TermName = keyof DistillTerms;
const TERM_NAMES: readonly TermName[] = ["ld", "vlrLd", "kd", "vlrKd"];

/** {@linkcode DistillTerms} as plain data. */
export type DistillSettings = {
  readonly [name in TermName]?: {
    readonly weight: number;
    readonly temperature: number;
  };
};

/** What the student learns from a frozen teacher. */
export interface Distillation {
  readonly teacher: TeacherOutputs;
  readonly terms: DistillSettings;
}

/** What {@linkcode makeTrainStep} needs. */
export interface TrainStepOptions {
  readonly student: Detector;
  /** Anchors of the input, the same as the loader's. */
  readonly anchors: Anchors;
  readonly input: InputSize;
  /** Made for the student's parameters. */
  readonly optimizer: Optimizer;
  /** Limit of the gradients' common norm; none unless given. */
  readonly clip?: number;
  /** None for a teacher or a baseline. */
  readonly distillation?: Distillation;
  /** Told before the step is recorded, which blocks; awaited. */
  readonly onRecord?: OnRecord;
  /** What the student's convolutions compute in; `float32` unless given. */
  readonly precision?: Precision;
  /** Told if that precision is not to be had; else the console is. */
  readonly onNotice?: (message: string) => void;
}

/** The batches of a detector's step. */
export type StepBatch = Omit<Batch, "groundTruth">;

/** One update of a detector, compiled. */
export interface DetectorStep extends TrainStep<StepBatch> {
  /**
   * The temperature of each distillation term. May be changed between steps: it
   * is an input, so nothing is compiled anew (unless `ld` and `vlrLd`,
   * or `kd` and `vlrKd`, were equal and come to differ).
   */
  readonly temperatures: Partial<Record<TermName, number>>;
  readonly statistics: CompileStatistics;
  /** Frees what was compiled; detector, optimizer and teacher stay. */
  dispose(): void;
}

/**
 * Makes the training step of a GFL detector, with or without a teacher: forward
 * pass, losses, gradients, clipping, optimizer and running statistics in one
 * compiled step, which leaves the event loop free.
 *
 * total = qfl + giou + dfl + the given distillation terms
 *
 * The step returns the weighted losses by name (`qfl`, `giou`, `dfl`, `ld`,
 * `vlrLd`, `kd`, `vlrKd`), `total`, `gradientNorm` before clipping, and how many
 * locations of the batch are in the regions (`mainLocations`, and
 * `vlrLocations` where a term uses it).
 *
 * With distillation, GFL's losses are normalised as the released LD head does
 * (W + 1e-6), without it as the GFL head does (max(W, 1)).
 *
 * @param options See {@linkcode TrainStepOptions}.
 * @returns The step; its `state` is the student's parameters and buffers and,
 * as `optimizer.…`, the optimizer's state.
 * @throws {RangeError} If a temperature is not above 0, or the limit is not.
 * @see MMDetection 3.3.0 `GFLHead` and `LDHead`; HikariTJU/LD `LDHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { createTrainingBatches } from "ldlab/data/training_batches.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createGfl } from "ldlab/detectors/gfl.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { adamW } from "ldlab/train/adam_w.ts";
 * import { makeTrainStep } from "ldlab/train/step.ts";
 *
 * await openEngine();
 * const input = { width: 64, height: 64 };
 * const anchors = makeAnchors(input);
 * const dataset = makeScenes({ seed: 1, count: 2 });
 * const student = createGfl({
 *   numClasses: dataset.classes.length, depth: 18, baseWidth: 4,
 *   neckChannels: 8, headChannels: 8, headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const optimizer = adamW(student.parameters);
 * const step = makeTrainStep({ student, anchors, input, optimizer, clip: 35 });
 * const batches = createTrainingBatches({
 *   dataset, ...input, anchors, batchSize: 2, seed: 0, augmentation: { flips: true },
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
    anchors,
    input,
    optimizer,
    clip = Infinity,
    distillation,
    onRecord,
    precision,
    onNotice,
  }: TrainStepOptions,
): DetectorStep {
  const terms = distillation?.terms ?? {};
  const used = TERM_NAMES.filter((name) => terms[name]);
  const temperatures: DetectorStep["temperatures"] = {};
  for (const name of used) temperatures[name] = terms[name]!.temperature;
  checkTemperatures(temperatures);
  const usesVlr = used.includes("vlrLd") || used.includes("vlrKd");

  const update = compile((inputs: StepInputs) => {
    const kept: Record<string, tf.Scalar> = {};
    const { value: total, grads } = tf.variableGrads(() => {
      const outputs = student.forward(inputs.images, { training: true });
      const { losses, regions } = lossesOf(inputs, outputs, anchors, terms);
      // What is not kept goes with the tape.
      for (const [name, value] of Object.entries({ ...losses, ...regions })) {
        kept[name] = tf.keep(value);
      }
      return tf.addN(Object.values(losses)) as tf.Scalar;
    }, [...student.parameters.values()]);
    const gradients = new Map(
      [...student.parameters].map(([name, v]) => [name, grads[v.name]]),
    );
    const { clipped, norm: gradientNorm } = clipGradients(gradients, clip);
    optimizer.apply(clipped, inputs.learningRate);
    const report: Record<string, tf.Tensor> = {};
    for (const [name, value] of Object.entries(kept)) {
      report[name] = tf.clone(value);
      value.dispose();
    }
    return { ...report, total, gradientNorm };
  }, { name: "train", onRecord, precision, onNotice });

  return {
    state: new Map([
      ...student.parameters,
      ...student.buffers,
      ...[...optimizer.state].map(([name, variable]) =>
        [`optimizer.${name}`, variable] as const
      ),
    ]),
    temperatures,
    statistics: update.statistics,
    dispose: () => update.dispose(),
    run: async (batch, learningRate) => {
      checkTemperatures(temperatures);
      const inputs: tf.NamedTensorMap = {
        ...await distillation?.teacher.of(batch),
      };
      try {
        const size = [batch.ids.length, anchors.count] as const; // B, A
        const { height, width } = input;
        inputs.images = tf.tensor4d(batch.images, [size[0], height, width, 3]);
        inputs.labels = tf.tensor2d(batch.labels, [...size], "int32");
        inputs.boxTargets = tf.tensor3d(batch.boxTargets, [...size, 4]);
        inputs.learningRate = tf.scalar(learningRate);
        if (usesVlr) inputs.vlr = tf.tensor2d(batch.vlr, [...size]);
        for (const name of temperatureInputs(temperatures)) {
          const [first] = name.split(" ") as TermName[];
          inputs[name] = tf.scalar(temperatures[first]!);
        }
        return await readScalars(await update(inputs as StepInputs));
      } finally {
        tf.dispose(inputs);
      }
    },
  };
}

type StepInputs = tf.NamedTensorMap & {
  readonly images: tf.Tensor4D; // [B, H, W, 3]
  readonly labels: tf.Tensor2D; // [B, A]
  readonly boxTargets: tf.Tensor3D; // [B, A, 4]
  readonly learningRate: tf.Scalar;
};

/**
 * Names of the inputs that carry temperatures, each made of the terms it is
 * for: a main and a VLR term of one temperature share an input, and so their
 * element-wise losses.
 */
function temperatureInputs(
  temperatures: DetectorStep["temperatures"],
): string[] {
  return ([["ld", "vlrLd"], ["kd", "vlrKd"]] as const).flatMap((pair) => {
    const [main, vlr] = pair.map((name) => temperatures[name]);
    if (main === vlr) return main === undefined ? [] : [pair.join(" ")];
    return pair.filter((name) => temperatures[name] !== undefined);
  });
}

/** The terms of the total, and the sizes of the regions, by name. */
function lossesOf(
  inputs: StepInputs,
  outputs: DetectorOutputs,
  anchors: Anchors,
  terms: DistillSettings,
): { losses: Record<string, tf.Scalar>; regions: Record<string, tf.Scalar> } {
  const targets: Targets = {
    labels: inputs.labels,
    boxTargets: inputs.boxTargets,
    vlr: inputs.vlr as tf.Tensor2D | undefined,
  };
  const distils = inputs.boxLogits !== undefined;
  const { qfl, giou, dfl, scoreWeights, positives } = gflLoss(
    { outputs, targets, anchors },
    { head: distils ? "ld" : "gfl" },
  );
  const gfl = { qfl, giou, dfl };
  if (!distils) return { losses: gfl, regions: { mainLocations: positives } };
  const softened: { -readonly [name in TermName]?: DistillTerm } = {};
  for (const name of TERM_NAMES) {
    const term = terms[name];
    if (!term) continue;
    const input = Object.keys(inputs).find((key) =>
      key.split(" ").includes(name)
    );
    const temperature = inputs[input!] as tf.Scalar;
    softened[name] = { weight: term.weight, temperature };
  }
  const { losses, regions } = distillLoss({
    student: outputs,
    teacher: {
      classLogits: inputs.classLogits as tf.Tensor3D,
      boxLogits: inputs.boxLogits as tf.Tensor4D,
    },
    targets,
    scoreWeights,
    anchors,
  }, softened);
  return {
    losses: { ...gfl, ...losses },
    regions: {
      mainLocations: regions.main,
      ...(regions.vlr && { vlrLocations: regions.vlr }),
    },
  };
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
