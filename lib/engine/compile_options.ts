import type * as tf from "@tensorflow/tfjs-core";

/** A step that `compile` made fast. Call it like the step, and await it. */
export interface CompiledStep<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
> {
  (inputs: I): Promise<O>;
  /** What it did so far. */
  readonly statistics: CompileStatistics;
  /**
   * Frees what was recorded, after the calls that were made before. The step can
   * still be called; it records anew.
   */
  dispose(): void;
}

/** What a compiled step did so far. */
export interface CompileStatistics {
  /** How often the step was recorded. */
  readonly recordings: number;
  /** Nodes of the graph recorded last. */
  readonly nodes: number;
  /** How often a recorded step ran. */
  readonly replays: number;
  /**
   * With `xla`: seconds that it took to compile what was recorded, first runs
   * included.
   */
  readonly xlaSeconds?: number;
}

/** Options of `compile`. */
export interface CompileOptions {
  /** Named in errors. Default: the function's name. */
  name?: string;
  /**
   * How many signatures to keep recorded, at least 1; the one not used for
   * longest goes first. Default: 8.
   */
  signatures?: number;
  /**
   * Whether to record twice and fail where the two differ: a number drawn at
   * random or counted on the host, which every replay would repeat. Default:
   * false.
   */
  check?: boolean;
  /**
   * Told the step's name before a recording, which blocks, begins. It is awaited,
   * so that what it shows is there in time. Default: nobody.
   */
  onRecord?: OnRecord;
  /** What convolutions and matrix products compute in. Default: `float32`. */
  precision?: Precision;
  /**
   * Whether XLA compiles what was recorded, in its first run. It makes few, fused
   * kernels of thousands of small ones, which is what makes a card fast; it takes
   * a minute or more for a training step, and rounds otherwise. Every op of the
   * step must be known to XLA. Default: false.
   */
  xla?: boolean;
  /**
   * Told if another precision is taken than was asked for, and why, and how long
   * XLA took. Default: the console is, once for all steps.
   */
  onNotice?: (message: string) => void;
}

/**
 * What convolutions and matrix products compute in. `bfloat16` keeps the range of
 * float32 with 8 bits of mantissa in place of 24, and takes half the time where
 * the processor has instructions for it. Batch norms, rectifiers and sums that
 * merely follow convolutions take its results as they are; weights, losses,
 * softmaxes, statistics and updates are float32 with either.
 */
export type Precision = "float32" | "bfloat16";

/** Told that a step is about to be recorded, which blocks. */
export type OnRecord = (step: string) => void | Promise<void>;
