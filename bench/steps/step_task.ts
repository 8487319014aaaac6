import { type Anchors, makeAnchors } from "../../lib/boxes/mod.ts";
import type { Detector, GflConfig } from "../../lib/detectors/mod.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import {
  adamW,
  cachedTeacher,
  type DetectorStep,
  type DistillSettings,
  type HostTensor,
  type InputSize,
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
  readonly input: InputSize;
  readonly student: GflConfig;
  readonly teacher: GflConfig;
  /** Whether the teacher's outputs are kept from an earlier epoch. */
  readonly cached: boolean;
  readonly terms: DistillSettings;
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
  readonly detector: Detector;
  readonly teacher: Detector;
  readonly compiled: DetectorStep;
  /** What the class `Peer` of distillation_step.py is made with. */
  readonly forPeer: Record<string, unknown>;
}

/**
 * Sets our side of a distillation step up, and leaves weights and batch in files
 * for the peer.
 *
 * @param task The step.
 * @param folder Where the files go.
 * @param precision Of our side.
 */
export async function openOurStep(
  task: StepTask,
  folder: string,
  precision: StepPrecision = "float32",
): Promise<OurStep> {
  await openEngine();
  const { input, terms } = task;
  const anchors = makeAnchors(input);
  const { detector, shared: student } = await makeSharedNetwork(
    task.student,
    1,
    `${folder}/student.safetensors`,
  );
  const { detector: teacher, shared } = await makeSharedNetwork(
    task.teacher,
    2,
    `${folder}/teacher.safetensors`,
  );
  const batch = await task.batch(anchors);
  const onNotice = (message: string) => {
    throw new Unavailable(message);
  };
  const outputs = (task.cached ? cachedTeacher : liveTeacher)(teacher, input, {
    precision,
    onNotice,
  });
  const { kind, learningRate, weightDecay } = task.optimizer;
  const optimizer = (kind === "sgd" ? sgd : adamW)(detector.parameters, {
    weightDecay,
  });
  const compiled = makeTrainStep({
    student: detector,
    anchors,
    input,
    optimizer,
    clip: task.clip,
    precision,
    onNotice,
    distillation: { teacher: outputs, terms },
  });

  const path = `${folder}/batch.safetensors`;
  await writeBatch(path, batch, anchors, input);
  const step = async () => {
    const report = await compiled.run(batch, learningRate);
    const { gradientNorm: _, mainLocations: __, vlrLocations: ___, ...losses } =
      report;
    return losses;
  };
  return {
    detector,
    teacher,
    compiled,
    step,
    once: async () => {
      const from = performance.now();
      await compiled.run(batch, learningRate);
      return performance.now() - from;
    },
    forPeer: {
      student,
      teacher: shared,
      cached: task.cached,
      batch: path,
      levels: anchors.levels.map(({ count }) => count),
      optimizer: {
        kind,
        lr: learningRate,
        weight_decay: weightDecay,
        ...(kind === "sgd" && { momentum: 0.9 }),
      },
      terms,
      clip: task.clip ?? null,
    },
    close: () => {
      compiled.dispose();
      optimizer.dispose();
      outputs.dispose();
      detector.dispose();
      teacher.dispose();
      return Promise.resolve();
    },
  };
}

async function writeBatch(
  path: string,
  batch: StepBatch,
  anchors: Anchors,
  { width, height }: InputSize,
): Promise<void> {
  const size = [batch.ids.length, anchors.count]; // B, A
  const tensors = new Map<string, HostTensor>();
  const add = (name: string, shape: number[], data: Float32Array) =>
    tensors.set(name, { shape, dtype: "float32", data });
  add("images", [size[0], height, width, 3], batch.images);
  add("boxTargets", [...size, 4], batch.boxTargets);
  add("vlr", size, batch.vlr);
  add("centers", [anchors.count, 2], anchors.centers);
  add("strides", [anchors.count], anchors.strides);
  tensors.set("labels", { shape: size, dtype: "int32", data: batch.labels });
  await Deno.writeFile(path, writeSafetensors(tensors));
}
