// B images, A locations of all levels, C classes, n bins.
import type * as tf from "@tensorflow/tfjs-core";
import type { NetworkVariables } from "../nn/scope.ts";
import type { GflConfig } from "./gfl_config.ts";

/** What a dense detector says about a batch, before any decoding. */
export interface DetectorOutputs {
  /** [B, A, C]: class logits; sigmoid gives the joint class and IoU score. */
  readonly classLogits: tf.Tensor3D;
  /** [B, A, 4, n]: logits of the distances left, top, right, bottom. */
  readonly boxLogits: tf.Tensor4D;
  /** P3 to P7, each [B, H, W, neckChannels]. */
  readonly features: tf.Tensor4D[];
}

/** A dense detector: parameters by name, and a forward pass. */
export interface Detector extends NetworkVariables {
  /** What it was built from, every setting spelt out. */
  readonly config: Required<GflConfig>;
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
