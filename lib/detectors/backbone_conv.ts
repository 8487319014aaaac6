import { conv2d, type Layer } from "../nn/conv2d.ts";
import { deformableConv } from "../nn/deformable_conv.ts";
import { kaimingNormal, uniformWithin } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";

/** What a backbone's convolution is built from. */
export interface BackboneConvOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Side of the filter in pixels, odd. */
  readonly kernel: number;
  /** 1 if not given. */
  readonly stride?: number;
  /** Groups of the convolution; 1 if not given. */
  readonly groups?: number;
  /** Version of a deformable convolution; a plain one if null or not given. */
  readonly deformable?: 1 | 2 | null;
}

/**
 * Makes a convolution of a backbone: without bias, plain or deformable. A plain
 * one starts by Kaiming's rule, a deformable one as mmcv's: as a plain one with
 * values from a uniform distribution, halved in version 2.
 *
 * @param scope Where `weight`, and `conv_offset` if deformable, are made.
 * @param options See {@linkcode BackboneConvOptions}.
 * @returns The layer: [B, H, W, inChannels] to [B, H/stride, W/stride, outChannels].
 * @throws {RangeError} If the groups do not divide both numbers of channels.
 * @see mmcv 2.1.0, `DeformConv2dPack` and `ModulatedDeformConv2dPack`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { backboneConv } from "ldlab/detectors/backbone_conv.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * backboneConv(scope.child("conv2"), {
 *   inChannels: 4, outChannels: 8, kernel: 3, deformable: 1,
 * });
 * const { shape } = variables.parameters.get("conv2.conv_offset.weight")!;
 * assert.deepEqual(shape, [3, 3, 4, 18]);
 * ```
 */
export function backboneConv(
  scope: Scope,
  { deformable, ...sizes }: BackboneConvOptions,
): Layer {
  if (!deformable) return conv2d(scope, { ...sizes, weight: kaimingNormal() });
  const { inChannels, kernel, groups = 1 } = sizes;
  const fanIn = kernel ** 2 * inChannels;
  const modulated = deformable === 2;
  const limit = Math.sqrt((modulated ? 1 : 6 * groups) / fanIn);
  return deformableConv(scope, {
    ...sizes,
    modulated,
    weight: uniformWithin(limit),
  });
}
