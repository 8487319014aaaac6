import type { Augmentation } from "../lib/data/mod.ts";
import type {
  DetectorConfig,
  DetectorLossWeights,
} from "../lib/detectors/mod.ts";
import type { DistillTerms } from "../lib/distill/mod.ts";
import { canonicalJson, type Json } from "../lib/train/mod.ts";

/** Where the images of a run come from; paths are relative to the project. */
export type DataConfig =
  | {
    readonly kind: "voc";
    readonly root: string;
    readonly classes: readonly string[];
    /** Splits by their names under `ImageSets/Main`. */
    readonly train: string;
    readonly test: string;
    /** What the network sees, in pixels. */
    readonly height: number;
    readonly width: number;
  }
  | {
    readonly kind: "scenes";
    readonly seed: number;
    /** Numbers of scenes. */
    readonly train: number;
    readonly test: number;
    readonly height: number;
    readonly width: number;
  };

/**
 * Everything that decides a run's result but its seed: plain data, whose hash
 * with the seed is the run's id.
 */
export interface RunConfig {
  readonly data: DataConfig;
  readonly augmentation: Augmentation;
  readonly model: DetectorConfig;
  readonly batchSize: number;
  readonly epochs: number;
  readonly optimizer: {
    readonly kind: "adamW" | "sgd";
    readonly learningRate: number;
    readonly weightDecay: number;
  };
  /** Iterations of linear warm-up under a cosine to 0, at least 2. */
  readonly warmup: number;
  /**
   * What the training step's convolutions compute in; float32 unless given.
   * Teachers and evaluations are in float32 always.
   */
  readonly precision?: "bfloat16";
  /** Largest norm of the gradient. */
  readonly clipNorm: number;
  /** What is distilled, and where; nothing for a plain detector. */
  readonly terms: DistillTerms;
  /** Weights of the detector's own losses, where they are not as published. */
  readonly detectorLosses?: DetectorLossWeights;
  /** Who is distilled from: a run of its own. */
  readonly teacher:
    | { readonly config: RunConfig; readonly seed: number }
    | null;
  /**
   * What the student starts with from its teacher, as FGD's do; nothing unless
   * given. All parameters must have the teacher's shapes.
   */
  readonly inherit?: "neckAndHead";
}

/** All of a config's options: the compiler looks. */
const OPTIONS: Readonly<Record<keyof RunConfig, true>> = {
  data: true,
  augmentation: true,
  model: true,
  batchSize: true,
  epochs: true,
  optimizer: true,
  warmup: true,
  precision: true,
  clipNorm: true,
  terms: true,
  detectorLosses: true,
  teacher: true,
  inherit: true,
};

/**
 * Refuses a config with an option that does not exist. Notebooks are not checked
 * by the compiler: a misspelt option would be a run of its own that equals the
 * run without it.
 *
 * @param label What the run is called in an error.
 * @throws {RangeError} If an option is unknown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkOptions } from "./config.ts";
 * import { SCALES } from "./scales.ts";
 * const config = { ...SCALES.small.student, detectorLoss: { dfl: 0 } };
 * assert.throws(() => checkOptions("a run", config), /current one is 'detectorLoss'/);
 * ```
 */
export function checkOptions(label: string, config: RunConfig): void {
  for (const option of Object.keys(config)) {
    if (Object.hasOwn(OPTIONS, option)) continue;
    throw new RangeError(
      `Cannot start ${label}: options of a run are ${
        Object.keys(OPTIONS).join(", ")
      }: current one is '${option}'`,
    );
  }
}

/**
 * The id of a run: the start of the SHA-256 of its config and seed, written
 * with sorted keys, so that the same run has the same id wherever it is asked
 * for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "./scales.ts";
 * const baseline = SCALES.small.student;
 * assert.equal(await runId(baseline, 0), await runId({ ...baseline }, 0));
 * assert.notEqual(await runId(baseline, 0), await runId(baseline, 1));
 * ```
 */
export async function runId(config: RunConfig, seed: number): Promise<string> {
  const text = canonicalJson({ config, seed } as unknown as Json);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return new Uint8Array(hash).toHex().slice(0, 16);
}
