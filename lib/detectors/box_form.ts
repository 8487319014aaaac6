import type { Deviations } from "../boxes/delta_coding.ts";
import type { DetectorKind } from "./detector_config.ts";

/** What a detector's box logits mean. */
export type BoxForm =
  /** Logits of the distances left, top, right and bottom, in strides. */
  | { readonly kind: "distributions" }
  /** The distances themselves, in strides. */
  | { readonly kind: "distances" }
  /** Moves and growths of the anchor, divided by the deviations. */
  | { readonly kind: "deltas"; readonly deviations: Deviations };

/** What the deltas of {@linkcode atssHead} are divided by. */
export const ATSS_DEVIATIONS: Deviations = [0.1, 0.1, 0.2, 0.2];

/**
 * Says what the box logits of a detector mean: it follows from its kind and from
 * how many numbers a side has.
 *
 * @param kind The detector's kind.
 * @param numbers n of box logits [B, A, 4, n], at least 1.
 * @returns Distributions where n is above 1; else distances of FCOS, deltas of
 * ATSS and RetinaNet.
 * @throws {TypeError} If n is 1 for a kind whose boxes are distributions always.
 * @see MMDetection 3.3.0, `bbox_coder` of `ATSSHead`, `FCOSHead`, `RetinaHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { boxFormOf } from "ldlab/detectors/box_form.ts";
 *
 * assert.deepEqual(boxFormOf("atss", 17), { kind: "distributions" });
 * assert.deepEqual(boxFormOf("fcos", 1), { kind: "distances" });
 * assert.deepEqual(boxFormOf("retina", 1), { kind: "deltas", deviations: [1, 1, 1, 1] });
 * ```
 */
export function boxFormOf(kind: DetectorKind, numbers: number): BoxForm {
  if (numbers > 1) return { kind: "distributions" };
  switch (kind) {
    case "atss":
      return { kind: "deltas", deviations: ATSS_DEVIATIONS };
    case "fcos":
      return { kind: "distances" };
    case "retina":
      return { kind: "deltas", deviations: [1, 1, 1, 1] };
    default:
      throw new TypeError(
        `Cannot read the boxes of ${kind}: they are distributions, box logits ` +
          `must be [..., 4, n] with n above 1: current n is ${numbers}`,
      );
  }
}
