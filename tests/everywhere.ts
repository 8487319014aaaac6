/**
 * Evaluates a tensor function and its gradients wherever it may run: eagerly on
 * the pure JS backend and on TensorFlow, and as a compiled step.
 */
import assert from "node:assert/strict";
import "@tensorflow/tfjs"; // registers the pure JS backend
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";

// Else it advises, in every test file, to install tfjs-node.
(tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
const engine = await openEngine({ backend: "tensorflow" });

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
  const compiled = compile(step);
  const places: [
    string,
    string,
    (given: Tensors) => Tensors | Promise<Tensors>,
  ][] = [
    ["pure JS", "cpu", step],
    ["TensorFlow", "tensorflow", step],
    ["TensorFlow compiled", "tensorflow", compiled],
  ];
  const results: [string, Evaluation][] = [];
  for (const [place, backend, run] of places) {
    await tf.setBackend(backend);
    const before = engine.memory();
    const given = tensorsOf(inputs);
    const outputs = await run(given);
    const value = await read(outputs.value);
    const gradients: Record<string, Float32Array> = {};
    for (const name of wrt) {
      gradients[name] = await read(outputs[`gradient ${name}`]);
    }
    tf.dispose(given);
    compiled.dispose();
    assert.deepEqual(engine.memory(), before, `leaks on ${place}`);
    results.push([place, { value, gradients }]);
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
