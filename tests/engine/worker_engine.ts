/** Opens an engine in a worker, runs a compiled step and posts its result. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";

const engine = await openEngine({ backend: "tensorflow", threads: 1 });
const step = compile(({ x }: tf.NamedTensorMap) => ({ sum: tf.sum(x) }));
const x = tf.ones([1000]);
let total = 0;
for (let i = 0; i < 20; i++) {
  const { sum } = await step({ x });
  total += (await sum.data())[0];
  sum.dispose();
}
step.dispose();
x.dispose();
const { handles } = engine.memory();
engine.close();
(self as unknown as { postMessage(message: unknown): void }).postMessage({
  total,
  handles,
});
