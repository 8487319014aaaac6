/**
 * An engine in a worker: replays a compiled step of its own until it is told to
 * stop, then closes and posts what came of it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";

const scope = self as unknown as {
  postMessage(message: unknown): void;
  onmessage: () => void;
};
let stopped = false;
scope.onmessage = () => stopped = true;

const engine = await openEngine({ backend: "tensorflow", threads: 1 });
const count = tf.tidy(() => tf.variable(tf.add(0, 0) as tf.Scalar));
let replays = 0;
let recordings = 0;
while (!stopped) {
  // Recorded anew for each of three shapes, with room for one.
  const step = compile(({ x }: tf.NamedTensorMap) => {
    count.assign(tf.add(count, 1));
    return { product: tf.sum(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D)) };
  }, { signatures: 1 });
  for (const size of [40, 50, 60]) {
    const x = tf.ones([size, size]);
    for (let i = 0; i < 5; i++) {
      const { product } = await step({ x });
      const [value] = await product.data();
      if (value !== size ** 3) throw new Error(`${size}: ${value}`);
      product.dispose();
      if (replays++ === 0) scope.postMessage("runs");
    }
    x.dispose();
  }
  recordings += step.statistics.recordings;
  step.dispose();
}
const [counted] = await count.data();
count.dispose();
const { tensors, handles } = engine.memory();
await engine.close();
scope.postMessage({ counted, replays, recordings, tensors, handles });
