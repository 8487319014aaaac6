import type { Augmentation, InputConfig } from "../lib/data/mod.ts";
import type {
  DetectorConfig,
  DetectorLossWeights,
} from "../lib/detectors/mod.ts";
import type { DistillTerms } from "../lib/distill/mod.ts";
import {
  canonicalJson,
  type Json,
  type WarmupOptions,
  type WeightSource,
} from "../lib/train/mod.ts";
import { shortestConfig } from "./shortest_config.ts";

/** A split of a folder laid out as Pascal VOC. */
export interface VocSplit {
  readonly root: string;
  /** Its name under `ImageSets/Main`. */
  readonly split: string;
}

/** An annotation file of COCO and the folder of its images. */
export interface CocoSplit {
  readonly annotations: string;
  readonly images: string;
}

/** Drawn images, in the size in which they are drawn. */
export interface ScenesData {
  readonly kind: "scenes";
  readonly seed: number;
  /** Numbers of scenes. */
  readonly train: number;
  readonly test: number;
  readonly height: number;
  readonly width: number;
}

/** Folders laid out as Pascal VOC. */
export interface VocData {
  readonly kind: "voc";
  /** One after another, as 2007 and 2012. */
  readonly train: readonly VocSplit[];
  /** Passes over the training images that are an epoch; 1 unless given. */
  readonly repeat?: number | null;
  readonly test: VocSplit;
  readonly classes: readonly string[];
}

/** Annotation files in COCO's format. */
export interface CocoData {
  readonly kind: "coco";
  /** What the paths of the splits are relative to. */
  readonly root: string;
  readonly train: CocoSplit;
  readonly test: CocoSplit;
  /** COCO's 80 unless given; their order is that of the labels. */
  readonly classes?: readonly string[] | null;
  /**
   * Whether training leaves out images without boxes, and those with a side
   * below 32 pixels, as the published runs do; true unless given.
   */
  readonly filterEmpty?: boolean | null;
  /**
   * Whether annotations that are not in order are left out with a warning, and
   * not an error; false unless given.
   */
  readonly skipBad?: boolean | null;
}

/** Where the images of a run come from; paths are relative to the project. */
export type DataConfig = ScenesData | VocData | CocoData;

/** How weights change. */
export interface OptimizerConfig {
  readonly kind: "adamW" | "sgd";
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Of `sgd`; 0.9 unless given. */
  readonly momentum?: number | null;
  /**
   * Images of a step for which the rate is: what is used is
   * learningRate · batchSize / perBatch. The rate as it is unless given.
   */
  readonly perBatch?: number | null;
  /**
   * Of `sgd`: factors of the rate and the decay of the biases of convolutions;
   * as all else unless given. The published FCOS has 2 and 0.
   */
  readonly biases?: { readonly rate: number; readonly decay: number } | null;
}

/** How the learning rate falls after the warm-up. */
export type ScheduleConfig =
  | { readonly kind: "cosine" }
  | {
    readonly kind: "steps";
    /** After how many epochs it falls, rising. */
    readonly epochs: readonly number[];
    /** By what; 0.1 unless given. */
    readonly factor?: number | null;
  };

/** Another run that is distilled from. */
export interface TeacherRun {
  readonly config: RunConfig;
  readonly seed: number;
}

/** A detector that is distilled from, of a file of weights. */
export interface TeacherWeights {
  readonly model: DetectorConfig;
  readonly weights: WeightSource;
}

/** Start values that are not fresh. */
export type InitialWeights =
  /** Of a classifier, for the backbone. */
  | { readonly backbone: WeightSource }
  /** Of a detector of the same classes, for all. */
  | { readonly detector: WeightSource };

/**
 * Everything that decides a run's result but its seed: plain data, whose hash
 * with the seed is the run's id. What is absent may also be null.
 */
export interface RunConfig {
  readonly data: DataConfig;
  /** How images become the network's input. */
  readonly input: InputConfig;
  readonly augmentation: {
    readonly flips: Augmentation["flips"];
    readonly jitter?: Augmentation["jitter"] | null;
  };
  readonly model: DetectorConfig;
  /** All weights are fresh unless given. */
  readonly initial?: InitialWeights | null;
  /** Images of a step, of all replicas together. */
  readonly batchSize: number;
  /**
   * Parts of a batch, 1 unless given: its distillation is computed part by part
   * and averaged, as GPUs with a part each do. It matters, for the released
   * localization distillation is a sum over a GPU's images.
   */
  readonly replicas?: number | null;
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
  /** Half a cosine to 0 unless given. */
  readonly schedule?: ScheduleConfig | null;
  /** A line from a share of the rate to all of it. */
  readonly warmup: WarmupOptions;
  /**
   * What the training step's convolutions compute in; float32 unless given.
   * Teachers and evaluations are in float32 always.
   */
  readonly precision?: "bfloat16" | null;
  /** Largest norm of the gradient; null for none. */
  readonly clipNorm: number | null;
  /** What is distilled, and where; nothing for a plain detector. */
  readonly terms: DistillTerms;
  /** Weights of GFL's own losses, where they are not as published. */
  readonly detectorLosses?: DetectorLossWeights | null;
  /**
   * What the student starts with from its teacher, as FGD's do; nothing unless
   * given. All parameters must have the teacher's shapes.
   */
  readonly inherit?: "neckAndHead" | null;
  /** Who is distilled from. */
  readonly teacher: TeacherRun | TeacherWeights | null;
  /**
   * How the detector is measured: COCO's metrics, or Pascal VOC 2007's with 11
   * points; `coco` unless given.
   */
  readonly evaluation?: "coco" | "voc07" | null;
}

/**
 * The id of a run: the start of the SHA-256 of its config and seed, the config
 * without what goes without saying (`shortestConfig`), so that the same run has
 * the same id however and wherever it is asked for.
 *
 * @throws {RangeError | TypeError} As `checkRunConfig()`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "./scales.ts";
 * const baseline = SCALES.small.student;
 * assert.equal(await runId(baseline, 0), await runId({ ...baseline, replicas: 1 }, 0));
 * assert.notEqual(await runId(baseline, 0), await runId(baseline, 1));
 * ```
 */
export async function runId(config: RunConfig, seed: number): Promise<string> {
  const run = { config: shortestConfig(config), seed } as unknown as Json;
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(canonicalJson(run)),
  );
  return new Uint8Array(hash).toHex().slice(0, 16);
}
