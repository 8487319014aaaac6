/** Runs a compiled step again and again until the worker is terminated. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";

await openEngine({ backend: "tensorflow", threads: 1 });
const step = compile(({ x }: tf.NamedTensorMap) => {
  let y = x as tf.Tensor2D;
  for (let i = 0; i < 10; i++) y = tf.tanh(tf.matMul(y, y));
  return { y, sum: tf.sum(y), more: tf.add(y, 1) };
});
const x = tf.fill([400, 400], 0.001);
tf.dispose(await step({ x }));
(self as unknown as { postMessage(message: string): void }).postMessage("runs");
while (true) tf.dispose(await step({ x }));
