/** A training step of a small convolutional classifier on the engine's kernels. */
import * as tf from "@tensorflow/tfjs-core";
import { tensorOf, valuesOf } from "./deterministic_values.ts";

/** A step and what it changes. */
export interface TrainingStep {
  step: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;
  inputs: tf.NamedTensorMap;
  state: tf.Variable[];
}

/**
 * Convolution, batch norm and ReLU twice with max pooling between, softmax
 * cross-entropy, and SGD with momentum.
 */
export function trainingStep(): TrainingStep {
  const state: tf.Variable[] = [];
  const variable = (
    values: Float32Array,
    shape: number[],
    trainable = true,
  ) => {
    const result = tf.tidy(() =>
      tf.variable(tf.tensor(values, shape), trainable)
    );
    state.push(result);
    return result;
  };
  let seed = 100;
  const layer = (inputs: number, outputs: number) => {
    const filter = variable(
      valuesOf(9 * inputs * outputs, seed++).map((v) => v / 3),
      [3, 3, inputs, outputs],
    );
    const scale = variable(new Float32Array(outputs).fill(1), [outputs]);
    const offset = variable(new Float32Array(outputs), [outputs]);
    const mean = variable(new Float32Array(outputs), [outputs], false);
    const variance = variable(
      new Float32Array(outputs).fill(1),
      [outputs],
      false,
    );
    return (x: tf.Tensor) => {
      const convolved = tf.engine().runKernel("PaddedConv2D", { x, filter }, {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      }) as tf.Tensor;
      const [y, batchMean, batchVariance] = tf.engine().runKernel(
        "FusedBatchNormV3",
        { x: convolved, scale, offset, mean, variance },
        { epsilon: 1e-5, training: true },
      ) as tf.Tensor[];
      for (
        const [running, batch] of [[mean, batchMean], [variance, batchVariance]]
      ) {
        (running as tf.Variable).assign(
          tf.add(tf.mul(running, 0.9), tf.mul(batch, 0.1)),
        );
      }
      return tf.relu(y);
    };
  };
  const [first, second] = [layer(3, 8), layer(8, 8)];
  const dense = variable(valuesOf(8 * 5, 7), [8, 5]);
  const trained = state.filter((v) => v.trainable);
  const moments = trained.map((v) =>
    variable(new Float32Array(v.size), v.shape, false)
  );
  const step = ({ x, labels, rate }: tf.NamedTensorMap) => {
    const { value: loss, grads } = tf.variableGrads(() => {
      const border = [[0, 0], [1, 0], [1, 0], [0, 0]] as [number, number][];
      const padded = tf.pad(first(x), border, -Infinity) as tf.Tensor4D;
      const pooled = tf.maxPool(padded, 3, 2, "valid");
      const features = tf.mean(second(pooled), [1, 2]) as tf.Tensor2D;
      const logits = tf.logSoftmax(tf.matMul(features, dense as tf.Tensor2D));
      const wanted = tf.cast(tf.oneHot(labels, 5), "float32");
      return tf.neg(tf.mean(tf.sum(tf.mul(logits, wanted), 1))) as tf.Scalar;
    }, trained);
    trained.forEach((variable, i) => {
      const moment = moments[i];
      moment.assign(tf.add(tf.mul(moment, 0.9), grads[variable.name]));
      variable.assign(tf.sub(variable, tf.mul(rate, moment)));
    });
    return { loss };
  };
  const inputs = {
    x: tensorOf([4, 32, 24, 3], 1),
    labels: tf.tensor1d([0, 3, 1, 4], "int32"),
    rate: tf.scalar(0.05),
  };
  return { step, inputs, state };
}
