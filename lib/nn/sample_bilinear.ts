// B images, H x W cells, C channels in G groups of c, P points.
import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape, shapeError } from "../boxes/shape_guard.ts";

const TASK = "sample a map";

/**
 * Reads a feature map at any points, by bilinear interpolation; the map is 0
 * outside. It is what deformable convolution is made of: cells are gathered, so
 * shapes are static and a step with it can be compiled.
 *
 * y[b,p,c] = weights[b,p,g] · Σ_ij max(0, 1 − |rows[b,p,g] − i|) ·
 * max(0, 1 − |columns[b,p,g] − j|) · x[b,i,j,c], where g is c's group
 *
 * Gradients reach all tensors. A point on a cell's row or column has the
 * derivative towards the next one; a point that is NaN gives NaN.
 *
 * @param x [B, H, W, C]: the map.
 * @param rows [B, P, G]: where each group of channels is read, in cells; 0 is the
 * middle of the first row. G divides C; group g is channels g·C/G to (g + 1)·C/G − 1.
 * @param columns [B, P, G]: the same for columns.
 * @param weights [B, P, G]: a factor for each point, any numbers; 1 if not given.
 * @returns [B, P, C].
 * @throws {TypeError} If the shapes don't fit each other.
 * @see Zhu et al., Deformable ConvNets v2, CVPR 2019, eq. 1; torchvision,
 * `deform_conv2d_kernel.cpp`: `bilinear_interpolate`, `get_coordinate_weight`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { sampleBilinear } from "ldlab/nn/sample_bilinear.ts";
 *
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * // In the middle of four cells, on a cell, and half a cell beyond the map.
 * const rows = tf.tensor3d([0.5, 1, -0.5], [1, 3, 1]);
 * const columns = tf.tensor3d([0.5, 0, 0], [1, 3, 1]);
 * assert.deepEqual([...await sampleBilinear(x, rows, columns).data()], [2.5, 3, 0.5]);
 * ```
 */
export function sampleBilinear(
  x: tf.Tensor4D,
  rows: tf.Tensor3D,
  columns: tf.Tensor3D,
  weights?: tf.Tensor3D,
): tf.Tensor3D {
  const [batch, , , channels] = x.shape;
  const groups = rows.shape[2];
  if (
    !(rows.rank === 3 && rows.shape[0] === batch && channels % groups === 0)
  ) {
    throw shapeError(
      TASK,
      "rows",
      `[${batch}, points, a number that divides ${channels}]`,
      rows,
    );
  }
  requireSameShape(TASK, "columns", columns, "rows", rows);
  if (weights) requireSameShape(TASK, "weights", weights, "rows", rows);
  const given = weights ? [x, rows, columns, weights] : [x, rows, columns];
  // Automatic differentiation would keep the four gathered maps for the way back,
  // and add up x's gradient by a sum over all points for each cell in pure JS.
  return tf.customGrad((...args) => {
    const save = args.pop() as tf.GradSaveFunc;
    const inputs = args as Inputs;
    save(inputs as tf.Tensor[]);
    return {
      value: interpolate(inputs),
      gradFunc: (dy, saved) => gradients(dy as tf.Tensor3D, saved as Inputs),
    };
  })(...given) as tf.Tensor3D;
}

type Inputs = [
  x: tf.Tensor4D,
  rows: tf.Tensor3D,
  columns: tf.Tensor3D,
  weights?: tf.Tensor3D,
];

function interpolate([x, rows, columns, weights]: Inputs): tf.Tensor3D {
  const table = tableOf(x, rows.shape[2]);
  const products = cornersOf(x, rows, columns).map(({ cells, share }) => {
    const factor = weights ? tf.mul(share, weights) : share;
    return tf.mul(tf.gather(table, cells), tf.expandDims(factor, 3)); // [B, P, G, c]
  });
  const [batch, points] = rows.shape;
  return tf.reshape(products.reduce((a, b) => tf.add(a, b)), [
    batch,
    points,
    x.shape[3],
  ]);
}

function gradients(
  dy: tf.Tensor3D,
  [x, rows, columns, weights]: Inputs,
): tf.Tensor[] {
  const [batch, height, width, channels] = x.shape;
  const table = tableOf(x, rows.shape[2]);
  const slopes = tf.reshape(dy, [...rows.shape, table.shape[1]]); // [B, P, G, c]
  const corners = cornersOf(x, rows, columns);
  // How much the result would grow with each corner's share. Not a matrix
  // product, which bfloat16 would round.
  const [topLeft, topRight, bottomLeft, bottomRight] = corners.map((
    { cells },
  ) => tf.sum(tf.mul(slopes, tf.gather(table, cells)), 3)); // [B, P, G]
  const scattered = corners.map(({ cells, share }) => {
    const factor = weights ? tf.mul(share, weights) : share;
    return tf.scatterND(
      tf.reshape(cells, [-1, 1]),
      tf.reshape(tf.mul(slopes, tf.expandDims(factor, 3)), [
        -1,
        table.shape[1],
      ]),
      table.shape,
    );
  }).reduce((a, b) => tf.add(a, b));
  const padded = tf.reshape(scattered, [
    batch,
    height + 2,
    width + 2,
    channels,
  ]);
  const [below, right] = [rows, columns].map((at, i) =>
    neighboursOf(at, i === 0 ? height : width).shareOfNext
  );
  const between = (a: tf.Tensor, b: tf.Tensor, shareOfB: tf.Tensor) =>
    tf.add(a, tf.mul(tf.sub(b, a), shareOfB));
  const alongRows = between(
    tf.sub(bottomLeft, topLeft),
    tf.sub(bottomRight, topRight),
    right,
  );
  const alongColumns = between(
    tf.sub(topRight, topLeft),
    tf.sub(bottomRight, bottomLeft),
    below,
  );
  const dx = tf.slice(padded, [0, 1, 1, 0], x.shape);
  if (!weights) return [dx, alongRows, alongColumns];
  return [
    dx,
    tf.mul(alongRows, weights),
    tf.mul(alongColumns, weights),
    between(
      between(topLeft, topRight, right),
      between(bottomLeft, bottomRight, right),
      below,
    ),
  ];
}

/** The cells, a row of c channels for each group, zeros around every image. */
function tableOf(x: tf.Tensor4D, groups: number): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  const padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  return tf.reshape(padded, [
    batch * (height + 2) * (width + 2) * groups,
    channels / groups,
  ]);
}

/** The four cells around each point: where they are in the table, and their shares. */
function cornersOf(
  { shape: [batch, height, width] }: tf.Tensor4D,
  rows: tf.Tensor3D,
  columns: tf.Tensor3D,
): { cells: tf.Tensor3D; share: tf.Tensor3D }[] {
  const groups = rows.shape[2];
  const image = tf.reshape(tf.range(0, batch, 1, "int32"), [batch, 1, 1]);
  const group = tf.range(0, groups, 1, "int32");
  const whole = (value: number) => tf.scalar(value, "int32");
  const vertical = neighboursOf(rows, height);
  const horizontal = neighboursOf(columns, width);
  return [0, 1].flatMap((i) => {
    const row = tf.add(
      tf.mul(image, whole(height + 2)),
      vertical.cells[i],
    );
    return [0, 1].map((j) => {
      const cell = tf.add(tf.mul(row, whole(width + 2)), horizontal.cells[j]);
      return {
        cells: tf.add(tf.mul(cell, whole(groups)), group) as tf.Tensor3D,
        share: tf.mul(vertical.shares[i], horizontal.shares[j]) as tf.Tensor3D,
      };
    });
  });
}

/** The cells of the padded map before and after each point along one side. */
function neighboursOf(at: tf.Tensor3D, size: number) {
  // Two cells beyond the map all is 0, and so it is beyond.
  const near = tf.clipByValue(at, -2, size + 1);
  const first = tf.floor(near);
  const shareOfNext = tf.sub(near, first);
  const known = tf.where(tf.isNaN(first), tf.zerosLike(first), first);
  const cells = [1, 2].map((step) =>
    tf.cast(tf.clipByValue(tf.add(known, step), 0, size + 1), "int32")
  );
  return { cells, shareOfNext, shares: [tf.sub(1, shareOfNext), shareOfNext] };
}
