import * as tf from "@tensorflow/tfjs-core";

// Axes of a filter: kh, kw its height and width, i channels in (of one group),
// o channels out. Here it is [kh, kw, i, o], in PyTorch [o, i, kh, kw].

/** The shape that a variable has in PyTorch. */
export function referenceShape({ shape }: tf.Tensor): readonly number[] {
  if (shape.length !== 4) return [...shape];
  const [kh, kw, i, o] = shape;
  return [o, i, kh, kw];
}

/** A value as PyTorch lays it out: filters [o, i, kh, kw]; a new tensor. */
export function toReference(value: tf.Tensor): tf.Tensor {
  return value.rank === 4 ? tf.transpose(value, [3, 2, 0, 1]) : tf.clone(value);
}

/** PyTorch's value as it lies here: filters [kh, kw, i, o]; a new tensor. */
export function fromReference(value: tf.Tensor): tf.Tensor {
  return value.rank === 4 ? tf.transpose(value, [2, 3, 1, 0]) : tf.clone(value);
}
