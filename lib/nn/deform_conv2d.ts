// B images, H x W cells in, H' x W' out, C channels in, O out, a filter of K x L
// taps, G deformable groups.
import * as tf from "@tensorflow/tfjs-core";
import { shapeError } from "../boxes/shape_guard.ts";
import { convolve } from "./conv2d.ts";
import { sampleBilinear } from "./sample_bilinear.ts";

const TASK = "convolve deformably";

/**
 * Convolves with a filter whose taps each read from a place of their own, given
 * cell by cell: deformable convolution, and with a mask its second version. Use
 * `deformableConv()` for the layer that makes the offsets itself.
 *
 * y[b,i,j,o] = Σ_klc filter[k,l,c,o] · mask[b,i,j,g,k,l] ·
 * x[b, i·stride − padding + k·dilation + Δy, j·stride − padding + l·dilation + Δx, c]
 *
 * where (Δy, Δx) = offsets[b,i,j,g,k,l] and g is c's deformable group. Between
 * cells x is interpolated bilinearly; it is 0 outside.
 *
 * The channels of offsets are torchvision's and mmcv's: group by group, in it tap
 * by tap in row-major order, in it Δy, then Δx; so Δy of tap (k, l) in group g is
 * channel 2·(g·K·L + k·L + l), and Δx the next. The mask's is g·K·L + k·L + l.
 *
 * The samples take K·L times the memory of x, at stride 1.
 *
 * Gradients reach x, offsets, filter and mask. At a whole position the derivative
 * is the one towards the next cell, and that of a position exactly at −1 is not 0,
 * both as in torchvision; mmcv's kernels take it as 0 at −1.
 *
 * @param x [B, H, W, C].
 * @param offsets [B, H', W', G·K·L·2], in cells, any numbers; C must be a multiple
 * of G.
 * @param filter [K, L, C / groups, O]: fewer channels than C mean a grouped
 * convolution, whose number of groups must divide O.
 * @param options.mask [B, H', W', G·K·L], any numbers, in [0, 1] as a rule; all 1
 * if not given.
 * @param options.stride Step between windows, at least 1; 1 if not given.
 * @param options.padding Zeros thought on each side, at least 0; 0 if not given.
 * @param options.dilation Step between taps, at least 1; 1 if not given.
 * @returns [B, H', W', O], H' = ⌊(H + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1.
 * @throws {TypeError} If the shapes don't fit each other.
 * @throws {RangeError} If the filter is larger than the padded map, or a setting is
 * no whole number or too small.
 * @see Dai et al., Deformable Convolutional Networks, ICCV 2017, eq. 2; Zhu et
 * al., Deformable ConvNets v2, CVPR 2019, eq. 1; torchvision,
 * `ops.deform_conv2d`, which this equals.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { deformConv2d } from "ldlab/nn/deform_conv2d.ts";
 *
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * // One tap, which looks half a cell to the right of each cell.
 * const offsets = tf.tile(tf.tensor4d([0, 0.5], [1, 1, 1, 2]), [1, 2, 2, 1]);
 * const y = deformConv2d(x, offsets as tf.Tensor4D, tf.ones([1, 1, 1, 1]));
 * assert.deepEqual([...await y.data()], [1.5, 1, 3.5, 2]);
 * ```
 */
export function deformConv2d(
  x: tf.Tensor4D,
  offsets: tf.Tensor4D,
  filter: tf.Tensor4D,
  { mask, stride = 1, padding = 0, dilation = 1 }: {
    mask?: tf.Tensor4D;
    stride?: number;
    padding?: number;
    dilation?: number;
  } = {},
): tf.Tensor4D {
  const settings = {
    stride: [stride, 1],
    padding: [padding, 0],
    dilation: [dilation, 1],
  };
  for (const [name, [value, least]] of Object.entries(settings)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new RangeError(
      `Cannot ${TASK}: ${name} must be a whole number, at least ${least}: ` +
        `current value is ${value}`,
    );
  }
  const [batch, height, width, channels] = x.shape;
  const [kernelHeight, kernelWidth, perGroup, outChannels] = filter.shape;
  const groups = channels / perGroup;
  if (!Number.isInteger(groups) || outChannels % groups !== 0) {
    const expected = `[K, L, C / groups, a multiple of groups], where C is ` +
      `${channels}`;
    throw shapeError(TASK, "filter", expected, filter);
  }
  const taps = kernelHeight * kernelWidth;
  const [outHeight, outWidth] = [[height, kernelHeight], [width, kernelWidth]]
    .map(([size, kernel]) =>
      Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) +
      1
    );
  if (outHeight < 1 || outWidth < 1) {
    throw new RangeError(
      `Cannot ${TASK}: the padded map must not be smaller than the filter: ` +
        `current map is ${height} x ${width} with a padding of ${padding}, ` +
        `the filter ${kernelHeight} x ${kernelWidth}, dilated by ${dilation}`,
    );
  }
  const deformGroups = offsets.shape[3] / (2 * taps);
  const cells = [batch, outHeight, outWidth];
  const guard = (what: string, tensor: tf.Tensor, last: number) => {
    if (tensor.shape.join() === [...cells, last].join()) return;
    throw shapeError(TASK, what, `[${[...cells, last].join(", ")}]`, tensor);
  };
  const whole = Number.isInteger(deformGroups) && deformGroups >= 1 &&
    channels % deformGroups === 0;
  guard("offsets", offsets, 2 * taps * (whole ? deformGroups : 1));
  if (mask) guard("mask", mask, taps * deformGroups);

  // From the taps of each group to the groups of each tap, for the channels of
  // the samples are then in the filter's order.
  const points = outHeight * outWidth * taps;
  const byPoint = (values: tf.Tensor) =>
    tf.reshape(
      tf.transpose(tf.reshape(values, [-1, deformGroups, taps]), [0, 2, 1]),
      [batch, points, deformGroups],
    ) as tf.Tensor3D;
  const [down, right] = tf.unstack(tf.reshape(offsets, [-1, 2]), 1).map(
    byPoint,
  );
  const shape: Grid = [outHeight, outWidth, kernelHeight, kernelWidth];
  const start = { step: stride, from: -padding };
  const tap = { step: dilation, from: 0 };
  const rows = tf.add(down, gridOf(shape, 0, start, tap)) as tf.Tensor3D;
  const columns = tf.add(right, gridOf(shape, 1, start, tap)) as tf.Tensor3D;
  const samples = sampleBilinear(x, rows, columns, mask && byPoint(mask));

  const windows = groupsApart(samples, taps, groups, perGroup);
  // A convolution of 1 x 1, so that bfloat16 treats it as the network's others.
  return convolve(
    tf.reshape(windows, [batch, outHeight, outWidth, taps * channels]),
    tf.reshape(filter, [1, 1, taps * perGroup, outChannels]),
    1,
    0,
  );
}

/** From the groups of each tap to the taps of each group. */
function groupsApart(
  samples: tf.Tensor,
  taps: number,
  groups: number,
  perGroup: number,
): tf.Tensor {
  if (groups === 1) return samples;
  const apart = tf.reshape(samples, [-1, taps, groups, perGroup]);
  return tf.transpose(apart, [0, 2, 1, 3]);
}

/** H', W', K, L. */
type Grid = [number, number, number, number];

/** Where the taps of the undeformed filter are along an axis: [1, P, 1]. */
function gridOf(
  shape: Grid,
  axis: 0 | 1,
  ...[start, tap]: { step: number; from: number }[]
): tf.Tensor3D {
  const along = (
    at: number,
    { step, from }: { step: number; from: number },
  ) => {
    const size = [1, 1, 1, 1];
    size[at] = shape[at];
    return tf.reshape(tf.add(tf.mul(tf.range(0, shape[at]), step), from), size);
  };
  const positions = tf.add(along(axis, start), along(axis + 2, tap));
  return tf.reshape(tf.broadcastTo(positions, shape), [1, -1, 1]);
}
