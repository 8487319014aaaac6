import type * as tf from "@tensorflow/tfjs-core";
import type { HostValues } from "../everywhere.ts";
import type { Tolerance } from "../golden.ts";

/** One loss with one choice of options, and what is to be checked of it. */
export interface LossEntry {
  /** The loss of tensors by name. */
  loss: (given: Record<string, tf.Tensor>) => tf.Tensor;
  /**
   * The same from its definition, on the host in float64: the values of all
   * rows in order. What no gradient passes through, as a weight made from the
   * inputs, is to be taken `at` other inputs, where the derivative is sought.
   */
  reference: (
    given: Record<string, number[]>,
    at: Record<string, number[]>,
  ) => number[];
  /** Inputs away from kinks, where the gradient is the derivative. */
  inputs: Record<string, HostValues>;
  /** The inputs that gradients reach. */
  wrt: readonly string[];
  /**
   * Inputs where the value is still the reference's and nothing is NaN or
   * infinite, one kind of trouble a row.
   */
  extremes: Record<string, HostValues>;
  /** Beside a hundred-thousandth of the largest magnitude. */
  tolerance?: Pick<Tolerance, "absolute">;
}

/** Losses by `symbol() when what`. */
export type LossEntries = Readonly<Record<string, LossEntry>>;
