/**
 * Boxes are two halves: their low corner and their high corner, or a centre and
 * a size. These split and join them as `tf.split` and `tf.concat` do, also of no
 * rows. There, on the pure JS backend, the latter (the gradient of the former,
 * too) returns a tensor that cannot be split or sliced again.
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Splits a tensor in two along one of its last two dimensions.
 *
 * @param tensor Any shape; the dimension is even.
 * @param axis Which dimension, −1 or −2; the last by default.
 * @returns Both halves.
 */
export function splitHalves(
  tensor: tf.Tensor,
  axis: -1 | -2 = -1,
): [first: tf.Tensor, second: tf.Tensor] {
  const at = tensor.rank + axis;
  if (tensor.size > 0) {
    const [first, second] = tf.split(tensor, 2, at);
    return [first, second];
  }
  const size = tensor.shape[at] / 2;
  const shape = tensor.shape.with(at, size);
  const start = shape.map(() => 0);
  return [
    tf.slice(tensor, start, shape),
    tf.slice(tensor, start.with(at, size), shape),
  ];
}

/**
 * Puts two tensors side by side along the last dimension.
 *
 * @param first [..., k].
 * @param second The shape of the first.
 * @returns [..., 2k].
 */
export function joinHalves(first: tf.Tensor, second: tf.Tensor): tf.Tensor {
  if (first.size > 0) return tf.concat([first, second], -1);
  const size = first.shape.at(-1)!;
  const none = first.shape.slice(1).map((): [number, number] => [0, 0]);
  return tf.add(
    tf.pad(first, [...none, [0, size]]),
    tf.pad(second, [...none, [size, 0]]),
  );
}
