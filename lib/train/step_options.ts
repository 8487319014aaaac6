import type { Batch } from "../data/training_batches.ts";
import type { Detector } from "../detectors/detector.ts";
import type { DetectorLossWeights } from "../detectors/gfl_loss_weights.ts";
import type { DistillModules } from "../distill/distill_modules.ts";
import type { DistillTerms } from "../distill/terms.ts";
import type {
  CompileStatistics,
  OnRecord,
  Precision,
} from "../engine/compile_options.ts";
import type { Optimizer } from "./optimizer.ts";
import type { TeacherOutputs } from "./teacher.ts";
import type { TrainStep } from "./train.ts";

/** What the student learns from a frozen teacher. */
export interface Distillation {
  /** With features where `termNeeds` says so. */
  readonly teacher: TeacherOutputs;
  /** The batches must bring the regions that `termNeeds` lists. */
  readonly terms: DistillTerms;
  /** The terms' trained layers, where they have any. */
  readonly modules?: DistillModules;
}

/** What `makeTrainStep` needs. */
export interface TrainStepOptions {
  readonly student: Detector;
  /** Made for the student's parameters and those of the modules. */
  readonly optimizer: Optimizer;
  /** Limit of the gradients' common norm; none unless given. */
  readonly clip?: number;
  /** Weights of GFL's own losses, where they differ from the published. */
  readonly detectorLosses?: DetectorLossWeights;
  /** None for a teacher or a baseline. */
  readonly distillation?: Distillation;
  /**
   * Equal parts of a batch whose distillation terms are computed each by itself
   * and averaged, as on so many GPUs; 1 unless given.
   */
  readonly replicas?: number;
  /**
   * Whether the weights of the distillation terms are inputs too, which may be
   * changed between steps; false unless given.
   */
  readonly movingWeights?: boolean;
  /** Told before the step is recorded, which blocks; awaited. */
  readonly onRecord?: OnRecord;
  /** What the student's convolutions compute in; `float32` unless given. */
  readonly precision?: Precision;
  /**
   * Whether XLA compiles the step, for cards: see `compile`; `false` unless given.
   */
  readonly xla?: boolean;
  /**
   * Told if that precision is not to be had, and how long XLA took; else the
   * console is.
   */
  readonly onNotice?: (message: string) => void;
}

/** The batches of a detector's step. */
export type StepBatch = Omit<Batch, "groundTruth" | "imageSizes">;

/** One update of a detector, compiled. */
export interface DetectorStep extends TrainStep<StepBatch> {
  /**
   * The temperature of each distillation term that has one. May be changed
   * between steps: it is an input, so nothing is compiled anew (unless those of
   * two terms of one loss were equal and come to differ). Other names are
   * refused.
   */
  readonly temperatures: Record<string, number>;
  /**
   * The weight of each distillation term, finite, where they move; else none. May
   * be changed between steps like the temperatures. At 0 a term is computed and
   * changes nothing.
   */
  readonly weights: Record<string, number>;
  readonly statistics: CompileStatistics;
  /** Frees what was compiled; detector, optimizer and teacher stay. */
  dispose(): void;
}
