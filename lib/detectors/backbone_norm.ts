import { batchNorm, type NormLayer } from "../nn/batch_norm.ts";
import { groupNorm } from "../nn/group_norm.ts";
import { constant } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";

/** The norms of a backbone: over the batch, or over groups of an image's channels. */
export type BackboneNorm = "batch" | "group";

/**
 * What training changes of batch norms: `false`, all; `true`, their scales and
 * shifts, not their running statistics; `frozen`, nothing.
 */
export type NormEval = boolean | "frozen";

/** Groups of a group norm in a backbone, as MMDetection's configs have. */
export const BACKBONE_NORM_GROUPS = 32;

/** What the norms are called before their number: `bn1`, `gn1`. */
export const NORM_NAMES: Readonly<Record<BackboneNorm, string>> = {
  batch: "bn",
  group: "gn",
};

/**
 * Makes a norm of a backbone.
 *
 * @param scope Where `weight` and `bias`, and a batch norm's `running_mean` and
 * `running_var`, are made.
 * @param options.channels Channels of the input; 32 divides those of a group norm.
 * @param options.norm "batch" if not given.
 * @param options.normEval What training leaves of a batch norm alone; of a group
 * norm nothing.
 * @param options.last Whether it ends a residual branch; its scale then starts at
 * 0 and not at 1.
 * @returns The layer: [B, H, W, channels] in and out.
 * @throws {RangeError} If 32 does not divide the channels of a group norm.
 * @see MMDetection's `norm_cfg` of types `BN` and `GN`; `requires_grad=False`
 * beside `norm_eval` is `frozen`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { backboneNorm } from "ldlab/detectors/backbone_norm.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * backboneNorm(scope.child("gn1"), { channels: 64, norm: "group", normEval: false });
 * assert.deepEqual([...variables.parameters.keys()], ["gn1.weight", "gn1.bias"]);
 * ```
 */
export function backboneNorm(
  scope: Scope,
  { channels, norm = "batch", normEval, last = false }: {
    channels: number;
    norm?: BackboneNorm;
    normEval: NormEval;
    last?: boolean;
  },
): NormLayer {
  const weight = constant(last ? 0 : 1);
  if (norm === "group") {
    const groups = BACKBONE_NORM_GROUPS;
    return groupNorm(scope, { channels, groups, weight });
  }
  return batchNorm(scope.child("", { frozen: normEval === "frozen" }), {
    channels,
    weight,
    frozenStatistics: normEval !== false,
  });
}
