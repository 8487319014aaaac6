import * as tf from "@tensorflow/tfjs-core";
import { avgPool } from "ldlab/nn/avg_pool.ts";
import { batchNorm } from "ldlab/nn/batch_norm.ts";
import { conv2d, convolve } from "ldlab/nn/conv2d.ts";
import { deformConv2d } from "ldlab/nn/deform_conv2d.ts";
import { deformableConv } from "ldlab/nn/deformable_conv.ts";
import { gcBlock } from "ldlab/nn/gc_block.ts";
import { groupNorm } from "ldlab/nn/group_norm.ts";
import { halve } from "ldlab/nn/halve.ts";
import { constant, kaimingNormal } from "ldlab/nn/initializers.ts";
import { maxPool } from "ldlab/nn/max_pool.ts";
import { relu } from "ldlab/nn/relu.ts";
import { double } from "ldlab/nn/resize.ts";
import { sampleBilinear } from "ldlab/nn/sample_bilinear.ts";
import { scale } from "ldlab/nn/scale.ts";
import { withoutGradient } from "ldlab/nn/without_gradient.ts";
import {
  type EqualityCase,
  type EqualityCases,
  functionCase,
  noise,
} from "./equality_case.ts";
import { layerCase } from "./layer_case.ts";

// B images, H x W cells, C channels.
const [B, H, W, C] = [2, 7, 10, 8];
const maps = [B, H, W, C];

type Map4D = (x: tf.Tensor4D) => tf.Tensor4D;

const convolution = (
  kernel: number,
  stride: number,
  options: {
    padding?: number;
    outChannels?: number;
    groups?: number;
    bias?: boolean;
  } = {},
  shape = maps,
) => {
  const { padding, outChannels = 6, groups, bias = false } = options;
  return layerCase((scope) =>
    conv2d(scope, {
      inChannels: shape.at(-1)!,
      outChannels,
      kernel,
      stride,
      padding,
      groups,
      weight: kaimingNormal(),
      bias: bias ? constant(0) : undefined,
    }), shape);
};

const batch = (training: boolean, frozenStatistics?: boolean) =>
  layerCase((scope) => {
    const layer = batchNorm(scope, { channels: C, frozenStatistics });
    return (x) => layer(x, training);
  }, maps);

const group = (groups: number) =>
  layerCase((scope) => groupNorm(scope, { channels: C, groups }), maps);

const plain = (
  f: Map4D,
  shape = maps,
  make = noise(shape, 3),
): EqualityCase =>
  functionCase({ x: make }, ({ x }) => ({ y: f(x as tf.Tensor4D) }), ["x"]);

const deformable = (
  modulated: boolean,
  stride: number,
  options: { groups?: number; deformGroups?: number } = {},
) =>
  layerCase((scope) =>
    deformableConv(scope, {
      inChannels: C,
      outChannels: 6,
      kernel: 3,
      stride,
      modulated,
      weight: kaimingNormal(),
      ...options,
    }), maps);

/** Values on a grid, so that windows have ties and zeros. */
const coarse = (call: number) =>
  tf.tidy(() => tf.round(noise(maps, 4, 2)(call)));

/** Every layer, with its gradients and its state. */
export const layerCases: EqualityCases = {
  "conv2d() of 3 x 3": convolution(3, 1),
  "conv2d() of 3 x 3 with a bias": convolution(3, 1, { bias: true }),
  "conv2d() of 3 x 3, stride 2": convolution(3, 2),
  "conv2d() of 3 x 3, stride 2, on an even map": convolution(3, 2, {}, [
    B,
    8,
    8,
    4,
  ]),
  "conv2d() of 3 x 3 without padding": convolution(3, 1, { padding: 0 }),
  "conv2d() of 1 x 1": convolution(1, 1, { bias: true }),
  "conv2d() of 1 x 1, stride 2": convolution(1, 2),
  "conv2d() of 7 x 7, stride 2, on images": convolution(7, 2, {}, [
    B,
    20,
    16,
    3,
  ]),
  "conv2d() of 3 x 3 in groups": convolution(3, 1, { groups: 2 }),
  "conv2d() of 3 x 3, stride 2, in groups": convolution(3, 2, {
    groups: 4,
    outChannels: 8,
  }),
  "conv2d() of 3 x 3 in a group per channel": convolution(3, 1, {
    groups: C,
    outChannels: C,
  }),
  "conv2d() on a single cell": convolution(3, 1, {}, [B, 1, 1, C]),
  "batchNorm() in training": batch(true),
  "batchNorm() in training with frozen statistics": batch(true, true),
  "batchNorm() outside training": batch(false),
  "batchNorm() in a frozen scope": layerCase((scope) => {
    const frozen = scope.child("bn", { frozen: true });
    const layer = batchNorm(frozen, { channels: C });
    return (x) => layer(x, true);
  }, maps),
  "groupNorm()": group(4),
  "groupNorm() of one group": group(1),
  "groupNorm() of a group per channel": group(C),
  "convolve()": functionCase(
    { x: noise(maps, 1), filter: noise([3, 3, C, 6], 2) },
    ({ x, filter }) => ({
      y: convolve(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 1),
    }),
    ["x", "filter"],
  ),
  "deformConv2d() with a mask": functionCase(
    {
      x: noise(maps, 1),
      offsets: noise([B, H, W, 36], 2, 4),
      filter: noise([3, 3, C, 6], 3),
      mask: noise([B, H, W, 18], 4),
    },
    (given) => {
      const { x, offsets, filter, mask } = given as Record<string, tf.Tensor4D>;
      return { y: deformConv2d(x, offsets, filter, { mask, padding: 1 }) };
    },
    ["x", "offsets", "filter", "mask"],
  ),
  "deformableConv()": deformable(false, 1),
  "deformableConv(), stride 2, in groups": deformable(false, 2, {
    groups: 2,
    deformGroups: 4,
  }),
  "deformableConv() with a mask": deformable(true, 1),
  "sampleBilinear()": functionCase(
    {
      x: noise(maps, 1),
      rows: noise([B, 50, 2], 2, H),
      columns: noise([B, 50, 2], 3, W),
    },
    ({ x, rows, columns }) => ({
      y: sampleBilinear(
        x as tf.Tensor4D,
        rows as tf.Tensor3D,
        columns as tf.Tensor3D,
      ),
    }),
    ["x", "rows", "columns"],
  ),
  "gcBlock()": layerCase((scope) => gcBlock(scope, { channels: C }), maps),
  "gcBlock() on a single cell": layerCase(
    (scope) => gcBlock(scope, { channels: C }),
    [B, 1, 1, C],
  ),
  "maxPool() of 3 x 3, stride 2": plain(
    (x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }),
    undefined,
    coarse,
  ),
  "maxPool() of 3 x 3, stride 2, on an even map": plain(
    (x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }),
    [B, 8, 12, 4],
  ),
  "maxPool() of 2 x 2 without padding": plain(
    (x) => maxPool(x, { kernel: 2, stride: 2, padding: 0 }),
  ),
  "avgPool() of 3 x 3, stride 2": plain(
    (x) => avgPool(x, { kernel: 3, stride: 2, padding: 1 }),
  ),
  "halve()": plain(halve),
  "halve() on an even map": plain(halve, [B, 8, 12, 4]),
  "relu()": plain(relu, undefined, coarse),
  "double() to an even map": plain((x) => double(x, [2 * H, 2 * W])),
  "double() to an odd map": plain((x) => double(x, [2 * H - 1, 2 * W - 1])),
  "scale()": layerCase(scale, maps),
  "withoutGradient()": plain((x) =>
    tf.mul(x, withoutGradient(() => tf.sigmoid(x)))
  ),
};
