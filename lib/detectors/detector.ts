// B images, A anchors of all levels, C classes, n numbers a side.
import type * as tf from "@tensorflow/tfjs-core";
import type { NetworkVariables } from "../nn/scope.ts";
import type { ResolvedDetectorConfig } from "./detector_config.ts";

/** What a dense detector says about a batch, before any decoding. */
export interface DetectorOutputs {
  /**
   * [B, A, C]: class logits; their sigmoid is GFL's joint class and IoU score, the
   * class score alone of others.
   */
  readonly classLogits: tf.Tensor3D;
  /**
   * [B, A, 4, n]: logits of the distances left, top, right, bottom; or, where n
   * is 1, a box's four deltas or distances.
   */
  readonly boxLogits: tf.Tensor4D;
  /** [B, A]: logits of how central a location is, of ATSS and FCOS. */
  readonly centerness?: tf.Tensor2D;
  /** [B, A, C]: joint class and IoU scores in [0, 1], of GFLv2. */
  readonly scores?: tf.Tensor3D;
  /** P3 to P7, each [B, H, W, neckChannels]. */
  readonly features: tf.Tensor4D[];
}

/** A dense detector: parameters by name, and a forward pass. */
export interface Detector extends NetworkVariables {
  /** What it was built from, every setting spelt out. */
  readonly config: ResolvedDetectorConfig;
  /**
   * Runs the network. With `training`, batch norms use the batch's statistics
   * and move the running ones.
   *
   * @param images [B, H, W, 3], normalised as in training.
   * @returns The outputs; the caller owns them.
   */
  forward(
    images: tf.Tensor4D,
    options: { training: boolean },
  ): DetectorOutputs;
  /** Frees the parameters and buffers. */
  dispose(): void;
}
