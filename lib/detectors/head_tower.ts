import { conv2d, type Layer } from "../nn/conv2d.ts";
import { groupNorm } from "../nn/group_norm.ts";
import { constant, kaimingNormal, normal } from "../nn/initializers.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";

/** How the convolutions of towers may start. */
export const TOWER_INITS = ["normal", "kaiming"] as const;

/**
 * How the convolutions of towers start: with deviation 0.01, as published, or as
 * He et al. do, so that the signal is as large behind them as before, whatever
 * their width.
 */
export type TowerInit = typeof TOWER_INITS[number];

/** How the towers of a dense head are built. */
export interface TowerOptions {
  /** Channels of each level. */
  readonly inChannels: number;
  /** Channels of the towers. */
  readonly channels: number;
  /** Convolutions in each tower. */
  readonly convs: number;
  /** Groups of the group norms after them; without, there are no norms. */
  readonly groups?: number;
  /** Whether the convolutions have biases. */
  readonly bias: boolean;
  /** `"normal"` unless given. */
  readonly init?: TowerInit;
}

/**
 * Makes a tower: the 3 × 3 convolutions of a dense head between a level's
 * features and its predictions, each with a group norm if the head has them, and
 * a ReLU.
 *
 * @param scope Where `0.conv`, `0.gn`, `1.conv`, … are made.
 * @param options Sizes, and what the reference's convolutions have.
 * @returns The layer: [B, H, W, inChannels] to [B, H, W, channels], the features
 * themselves where there are no convolutions.
 * @throws {RangeError} If the groups do not divide the channels.
 * @see MMDetection 3.3.0, `cls_convs` and `reg_convs` of its dense heads.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { headTower } from "ldlab/detectors/head_tower.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * headTower(scope, { inChannels: 4, channels: 8, convs: 1, groups: 2, bias: false });
 * const names = [...variables.parameters.keys()];
 * assert.deepEqual(names, ["0.conv.weight", "0.gn.weight", "0.gn.bias"]);
 * ```
 */
export function headTower(
  scope: Scope,
  { inChannels, channels, convs, groups, bias, init = "normal" }: TowerOptions,
): Layer {
  const layers: Layer[] = [];
  for (let i = 0; i < convs; i++) {
    const place = scope.child(`${i}`);
    layers.push(conv2d(place.child("conv"), {
      inChannels: i === 0 ? inChannels : channels,
      outChannels: channels,
      kernel: 3,
      weight: init === "normal" ? normal(0.01) : kaimingNormal(),
      ...(bias && { bias: constant(0) }),
    }));
    if (groups !== undefined) {
      layers.push(groupNorm(place.child("gn"), { channels, groups }));
    }
    layers.push(relu);
  }
  return (x) => layers.reduce((h, layer) => layer(h), x);
}
