// B images, A locations of all levels, C classes, n bins, D channels.
import type * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import type { DetectorOutputs } from "../detectors/detector.ts";
import type { Targets } from "../detectors/targets.ts";
import type { DistillModules } from "./distill_modules.ts";

/** What a network says; a teacher's may come from a cache. */
export type NetworkOutputs =
  & Pick<DetectorOutputs, "classLogits" | "boxLogits">
  & {
    /** A map [B, H, W, D] of each level; where a term looks at features. */
    readonly features?: readonly tf.Tensor4D[];
  };

/** What terms are computed from. */
export interface TermInputs {
  /** Gradients reach its outputs. */
  readonly student: NetworkOutputs;
  /** Of the same logits' shapes. No gradient reaches its outputs. */
  readonly teacher: NetworkOutputs;
  /** The student's targets. */
  readonly targets: Targets;
  /**
   * [B, A]: the weights of each region of `termNeeds`, by its `regionKey`. Of
   * `all`, if not given, those of the labels.
   */
  readonly regions?: Readonly<Record<string, tf.Tensor2D>>;
  /** [B, A]: the student's largest class scores, from `gflLoss`. */
  readonly scoreWeights: tf.Tensor2D;
  /** The anchors of the input's size. */
  readonly anchors: Anchors;
  /** The trained layers of the terms, where they have any. */
  readonly modules?: DistillModules;
  /**
   * Scalars in place of the temperatures of terms, by their names: a compiled
   * step takes them as inputs, so that they can move during training.
   */
  readonly temperatures?: Readonly<Record<string, tf.Scalar>>;
  /** The same for the weights of terms. */
  readonly weights?: Readonly<Record<string, tf.Scalar>>;
}
