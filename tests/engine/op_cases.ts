/**
 * Operations that steps are made of, on fixed inputs: the same table is run
 * eagerly, compiled and in pure JavaScript.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tensorOf } from "./deterministic_values.ts";

/** One operation. */
export interface OpCase {
  /** Shapes of the float32 inputs, values in [-1, 1). */
  shapes: number[][];
  /** What to compute. */
  run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** Whether to take its gradients too. */
  differentiable: boolean;
}

const smooth = (
  shapes: number[][],
  run: OpCase["run"],
): OpCase => ({ shapes, run, differentiable: true });
const plain = (
  shapes: number[][],
  run: OpCase["run"],
): OpCase => ({ shapes, run, differentiable: false });

const positive = (x: tf.Tensor) => tf.add(x, 1.5);
const ints = (values: number[]) => tf.tensor1d(values, "int32");

/** The cases by name. */
export const opCases: Record<string, OpCase> = {
  "add, broadcast": smooth([[2, 3], [3]], (a, b) => tf.add(a, b)),
  "sub": smooth([[2, 3], [2, 3]], (a, b) => tf.sub(a, b)),
  "mul by a number": smooth([[2, 3]], (a) => tf.mul(a, 0.9)),
  "div": smooth([[2, 3], [2, 3]], (a, b) => tf.div(a, positive(b))),
  "divNoNan": plain([[2, 3], [2, 3]], (a, b) => tf.divNoNan(a, b)),
  "pow": smooth([[2, 3]], (a) => tf.pow(positive(a), 2.5)),
  "maximum, minimum": smooth(
    [[4, 3], [4, 3]],
    (a, b) => tf.add(tf.maximum(a, b), tf.mul(tf.minimum(a, b), 2)),
  ),
  "addN": smooth([[3], [3], [3]], (...xs) => tf.addN(xs)),
  "neg, abs, square": smooth(
    [[5]],
    (a) => tf.add(tf.neg(tf.abs(a)), tf.square(a)),
  ),
  "sqrt, rsqrt, exp, log, log1p, expm1": smooth(
    [[5]],
    (a) =>
      tf.addN([
        tf.sqrt(positive(a)),
        tf.rsqrt(positive(a)),
        tf.exp(a),
        tf.log(positive(a)),
        tf.log1p(positive(a)),
        tf.expm1(a),
      ]),
  ),
  "relu, relu6, leakyRelu, elu, softplus": smooth(
    [[7]],
    (a) =>
      tf.addN([
        tf.relu(a),
        tf.relu6(tf.mul(a, 9)),
        tf.leakyRelu(a, 0.1),
        tf.elu(a),
        tf.softplus(a),
      ]),
  ),
  "sigmoid, tanh, logSigmoid": smooth(
    [[7]],
    (a) => tf.addN([tf.sigmoid(a), tf.tanh(a), tf.logSigmoid(a)]),
  ),
  "softmax": smooth([[3, 5]], (a) => tf.softmax(tf.mul(a, 5))),
  "logSoftmax": smooth([[3, 5]], (a) => tf.logSoftmax(tf.mul(a, 5))),
  "logSumExp": smooth([[3, 5]], (a) => tf.logSumExp(a, 1)),
  "sum, mean over axes": smooth(
    [[2, 3, 4]],
    (a) => tf.add(tf.sum(a, [0, 2]), tf.mean(a, [0, 2])),
  ),
  "max, min, keepDims": smooth(
    [[3, 4]],
    (a) => tf.sub(tf.max(a, 1, true), tf.min(a, 1, true)),
  ),
  "prod": smooth([[2, 3]], (a) => tf.prod(a, 1)),
  "moments": smooth([[4, 3]], (a) => {
    const { mean, variance } = tf.moments(a, 0);
    return tf.add(mean, variance);
  }),
  "norm": smooth([[4, 3]], (a) => tf.norm(a)),
  "cumsum": smooth([[2, 5]], (a) => tf.cumsum(a, 1)),
  "matMul, transposed": smooth(
    [[3, 4], [5, 4]],
    (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
  ),
  "batched matMul": smooth(
    [[2, 3, 4], [2, 4, 5]],
    (a, b) => tf.matMul(a, b),
  ),
  "concat": smooth([[2, 3], [2, 2]], (a, b) => tf.concat([a, b], 1)),
  "stack, unstack": smooth(
    [[2, 3], [2, 3]],
    (a, b) => tf.unstack(tf.stack([a, b], 1), 0)[1],
  ),
  "split into uneven parts": smooth(
    [[6, 2]],
    (a) => {
      const [x, , z] = tf.split(a, [1, 2, 3], 0);
      return tf.add(tf.mul(x, 3), z);
    },
  ),
  "slice": smooth([[4, 5]], (a) => tf.slice(a, [1, 0], [2, 3])),
  "stridedSlice": plain(
    [[4, 6]],
    (a) => tf.stridedSlice(a, [0, 1], [4, 6], [2, 2]),
  ),
  "pad, mirrorPad": smooth(
    [[2, 3]],
    (a) => tf.pad(a, [[1, 0], [0, 2]], 0.5),
  ),
  "tile": smooth([[2, 3]], (a) => tf.tile(a, [2, 1])),
  "broadcastTo": smooth([[1, 3]], (a) => tf.broadcastTo(a, [4, 3])),
  "transpose": smooth([[2, 3, 4]], (a) => tf.transpose(a, [2, 0, 1])),
  "reshape, expandDims, squeeze": smooth(
    [[2, 6]],
    (a) => tf.squeeze(tf.expandDims(tf.reshape(a, [3, 4]), 1), [1]),
  ),
  "reverse": smooth([[2, 3]], (a) => tf.reverse(a, 1)),
  "gather": smooth([[4, 3]], (a) => tf.gather(a, ints([3, 0, 3]))),
  "gather along the last axis": smooth(
    [[2, 4]],
    (a) => tf.gather(a, ints([3, 0]), 1),
  ),
  "gather in batches": plain(
    [[2, 4]],
    (a) => tf.gather(a, tf.tensor2d([[1, 2], [0, 3]], [2, 2], "int32"), 1, 1),
  ),
  "gatherND": plain(
    [[3, 4]],
    (a) => tf.gatherND(a, tf.tensor2d([[0, 1], [2, 3]], [2, 2], "int32")),
  ),
  "scatterND": plain(
    [[2]],
    (a) => tf.scatterND(tf.tensor2d([[3], [1]], [2, 1], "int32"), a, [5]),
  ),
  "unsortedSegmentSum": smooth(
    [[4, 2]],
    (a) => tf.unsortedSegmentSum(a, ints([1, 0, 1, 2]), 3),
  ),
  "where": smooth(
    [[3, 4], [3, 4]],
    (a, b) => tf.where(tf.greater(tensorOf([3, 4], 3), 0), a, tf.mul(b, 2)),
  ),
  "clipByValue": smooth([[9]], (a) => tf.clipByValue(a, -0.4, 0.3)),
  "step, sign, floor, ceil, round": plain(
    [[9]],
    (a) =>
      tf.addN([
        tf.step(a),
        tf.sign(a),
        tf.floor(tf.mul(a, 3)),
        tf.ceil(tf.mul(a, 3)),
        tf.round(tf.mul(a, 3)),
      ]),
  ),
  "comparisons and logic": plain([[9], [9]], (a, b) => {
    const near = tf.logicalAnd(tf.less(a, b), tf.greaterEqual(b, 0));
    return tf.cast(tf.logicalOr(near, tf.logicalNot(tf.equal(a, a))), "int32");
  }),
  "any, all": plain([[3, 4]], (a) =>
    tf.cast(
      tf.logicalXor(tf.any(tf.greater(a, 0.5), 1), tf.all(tf.less(a, 0.9), 1)),
      "int32",
    )),
  "argMax, argMin": plain(
    [[3, 5]],
    (a) => tf.stack([tf.argMax(a, 1), tf.argMin(a, 1)]),
  ),
  "topk": plain([[3, 5]], (a) => {
    const { values, indices } = tf.topk(a, 2);
    return [values, indices];
  }),
  "oneHot": plain([[1]], (a) => tf.add(tf.oneHot(ints([2, 0]), 4), a)),
  "range, fill, zeros, ones, linspace": plain(
    [[30]],
    (a) =>
      tf.addN([
        a,
        tf.range(0, 30, 1),
        tf.fill([30], 0.25),
        tf.zeros([30]),
        tf.ones([30]),
        tf.linspace(0, 1, 30),
      ]),
  ),
  "eye": plain([[3, 3]], (a) => tf.matMul(a as tf.Tensor2D, tf.eye(3))),
  "zerosLike, onesLike": plain(
    [[40]],
    (a) => tf.add(tf.zerosLike(a), tf.onesLike(a)),
  ),
  "conv2d": smooth(
    [[1, 6, 6, 2], [3, 3, 2, 3]],
    (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"),
  ),
  "depthwiseConv2d": smooth(
    [[1, 6, 6, 2], [3, 3, 2, 1]],
    (x, w) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "valid"),
  ),
  "maxPool, avgPool": smooth(
    [[1, 6, 6, 2]],
    (x) =>
      tf.add(
        tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"),
        tf.avgPool(x as tf.Tensor4D, 2, 2, "valid"),
      ),
  ),
  "resizeNearestNeighbor": smooth(
    [[1, 3, 4, 2]],
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [6, 8]),
  ),
  "resizeBilinear": smooth(
    [[1, 3, 3, 2]], // tfjs's JavaScript gradient swaps the sides
    (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [6, 6]),
  ),
  "batchNorm": smooth(
    [[2, 3, 3, 2], [2], [2], [2], [2]],
    (x, mean, variance, offset, scale) =>
      tf.batchNorm4d(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        positive(variance) as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
  ),
  "einsum": plain(
    [[2, 3], [3, 4]],
    (a, b) => tf.einsum("ij,jk->ik", a, b),
  ),
  "a custom gradient": smooth(
    [[5]],
    (a) =>
      tf.customGrad((x, save) => {
        (save as tf.GradSaveFunc)([x as tf.Tensor]);
        return {
          value: tf.round(x as tf.Tensor),
          gradFunc: (dy, saved) => tf.mul(dy, (saved as tf.Tensor[])[0]),
        };
      })(a),
  ),
};

/** The inputs of a case. */
export function caseInputs({ shapes }: OpCase): tf.Tensor[] {
  return shapes.map((shape, i) => tensorOf(shape, i + 1));
}

/** All outputs of a case, and its gradients with a fixed output gradient. */
export function runCase(opCase: OpCase, inputs: tf.Tensor[]): tf.Tensor[] {
  const outputs = [opCase.run(...inputs)].flat();
  if (!opCase.differentiable) return outputs;
  const dy = tensorOf(outputs[0].shape, 9);
  const run = opCase.run as (...inputs: tf.Tensor[]) => tf.Tensor;
  return [...outputs, ...tf.grads(run)(inputs, dy)];
}
