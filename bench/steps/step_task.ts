import type { Anchors } from "../../lib/boxes/mod.ts";
import {
  anchorsOf,
  type Detector,
  type DetectorConfig,
} from "../../lib/detectors/mod.ts";
import type { DistillTerms } from "../../lib/distill/mod.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import { regionKey } from "../../lib/regions/mod.ts";
import {
  adamW,
  cachedTeacher,
  type HostTensor,
  liveTeacher,
  makeTrainStep,
  sgd,
  type StepBatch,
  writeSafetensors,
} from "../../lib/train/mod.ts";
import { Unavailable, type Work } from "../row.ts";
import { makeSharedNetwork } from "./network_weights.ts";

/** A distillation step, as data. */
export interface StepTask {
  /** Size of the images. */
  readonly input: StepBatch["size"];
  readonly student: DetectorConfig;
  readonly teacher: DetectorConfig;
  /** Whether the teacher's outputs are kept from an earlier epoch. */
  readonly cached: boolean;
  readonly terms: DistillTerms;
  readonly optimizer: {
    readonly kind: "adamW" | "sgd";
    readonly learningRate: number;
    readonly weightDecay: number;
  };
  /** Largest norm of the gradients. */
  readonly clip?: number;
  readonly batch: (anchors: Anchors) => StepBatch | Promise<StepBatch>;
}

/** What convolutions and matrix products compute in. */
export type StepPrecision = "float32" | "bfloat16";

/** Our side of a step. */
export interface OurStep extends Work {
  /** One update, not timed; the losses that it was made from. */
  step(): Promise<Record<string, number>>;
}

/** What a step is made of; closing the step frees the networks. */
export interface StepParts {
  readonly student: Detector;
  readonly teacher: Detector;
  readonly batch: StepBatch;
}

/**
 * Sets our side of a distillation step up.
 *
 * @param task The step.
 * @param parts Its networks and its batch.
 * @param precision What convolutions and matrix products compute in.
 * @param xla Whether XLA compiles the step.
 */
export function openStep(
  { terms, cached, optimizer: rule, clip }: StepTask,
  { student, teacher, batch }: StepParts,
  precision: StepPrecision = "float32",
  xla = false,
): OurStep {
  const onNotice = (message: string) => {
    if (!message.startsWith("XLA compiled")) throw new Unavailable(message);
  };
  const outputs = (cached ? cachedTeacher : liveTeacher)(teacher, {
    precision,
    onNotice,
  });
  const { kind, learningRate, weightDecay } = rule;
  const make = kind === "sgd" ? sgd : adamW;
  const optimizer = make(student.parameters, { weightDecay });
  const compiled = makeTrainStep({
    ...{ student, optimizer, clip, precision, xla, onNotice },
    distillation: { teacher: outputs, terms },
  });
  return {
    step: async () => {
      const report = Object.entries(await compiled.run(batch, learningRate));
      return Object.fromEntries(
        report.filter(([name]) => !/^gradientNorm$|Locations$/.test(name)),
      );
    },
    once: async () => {
      const from = performance.now();
      await compiled.run(batch, learningRate);
      return performance.now() - from;
    },
    close: () => {
      compiled.dispose();
      optimizer.dispose();
      outputs.dispose();
      student.dispose();
      teacher.dispose();
      return Promise.resolve();
    },
  };
}

/** A step whose weights and batch a peer has too. */
export interface SharedStep {
  readonly ours: OurStep;
  /** What the class `Peer` of distillation_step.py is made with. */
  readonly forPeer: Record<string, unknown>;
}

/**
 * Sets our side of a step up, and leaves weights and batch in files.
 *
 * @param task The step.
 * @param folder Where the files go.
 * @param precision Of our side.
 * @param xla Whether XLA compiles our side.
 */
export async function openSharedStep(
  task: StepTask,
  folder: string,
  precision?: StepPrecision,
  xla?: boolean,
): Promise<SharedStep> {
  await openEngine();
  const share = (name: "student" | "teacher", seed: number) =>
    makeSharedNetwork(task[name], seed, `${folder}/${name}.safetensors`);
  const { detector: student, shared } = await share("student", 1);
  const { detector: teacher, shared: sharedTeacher } = await share(
    "teacher",
    2,
  );
  const anchors = anchorsOf(task.student, task.input);
  const batch = await task.batch(anchors);
  const path = `${folder}/batch.safetensors`;
  await writeBatch(path, batch, anchors);
  const { kind, learningRate: lr, weightDecay } = task.optimizer;
  return {
    ours: openStep(task, { student, teacher, batch }, precision, xla),
    forPeer: {
      student: shared,
      teacher: sharedTeacher,
      cached: task.cached,
      batch: path,
      levels: anchors.levels.map(({ count }) => count),
      optimizer: {
        ...{ kind, lr, weight_decay: weightDecay },
        ...(kind === "sgd" && { momentum: 0.9 }),
      },
      terms: task.terms,
      clip: task.clip ?? null,
    },
  };
}

async function writeBatch(
  path: string,
  batch: StepBatch,
  anchors: Anchors,
): Promise<void> {
  const { width, height } = batch.size;
  const size = [batch.ids.length, anchors.count]; // B, A
  const tensors = new Map<string, HostTensor>();
  const add = (name: string, shape: number[], data: Float32Array) =>
    tensors.set(name, { shape, dtype: "float32", data });
  add("images", [size[0], height, width, 3], batch.images);
  add("boxTargets", [...size, 4], batch.boxTargets);
  // The peer always takes a valuable region; it looks at it where a term does.
  const vlr = batch.regions[regionKey({ kind: "vlr" })];
  add("vlr", size, vlr ?? new Float32Array(size[0] * size[1]));
  add("centers", [anchors.count, 2], anchors.centers);
  add("strides", [anchors.count], anchors.strides);
  tensors.set("labels", { shape: size, dtype: "int32", data: batch.labels });
  await Deno.writeFile(path, writeSafetensors(tensors));
}
