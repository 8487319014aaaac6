import * as tf from "@tensorflow/tfjs-core";

/**
 * Runs code and adds the tensors that it makes and keeps to `kept`: by `tf.keep`,
 * or for a gradient, where tfjs forgets them if the code throws.
 */
export function collectKept<T>(kept: tf.Tensor[], run: () => T): T {
  const engine = tf.engine();
  const last = lastTensorId();
  const keep = engine.keep;
  engine.keep = (tensor) => {
    if (tensor.id > last) kept.push(tensor);
    return keep.call(engine, tensor) as typeof tensor;
  };
  try {
    return run();
  } finally {
    engine.keep = keep;
  }
}

/** The identifier of the tensor made last; they count upwards. */
export function lastTensorId(): number {
  return tf.tidy(() => tf.scalar(0).id);
}
