/**
 * One small eager op through tfjs, on ldlab's engine or on tfjs-node's add-on.
 * Each side of the row is such a process, for tfjs has one backend of a name.
 */
import * as tf from "@tensorflow/tfjs-core";
import { createRequire } from "node:module";
import { openEngine } from "ldlab/engine/mod.ts";
import { withoutNativeStderr } from "ldlab/engine/native_stderr.ts";
import { loadTfjsNode } from "ldlab/engine/tfjs_node.ts";
import { answerLines } from "./answer_lines.ts";

const REPEATS = 20_000;

/** @param addOn The compiled add-on; none for ldlab's engine. */
async function open({ addOn }: { addOn: string | null }) {
  if (addOn === null) {
    await openEngine();
  } else {
    const NodeJSKernelBackend = loadTfjsNode();
    // TensorFlow greets on stderr, as it does where ldlab loads it.
    const binding = withoutNativeStderr(() =>
      createRequire(import.meta.url)(addOn)
    );
    tf.registerBackend(
      "tensorflow",
      () => new NodeJSKernelBackend(binding, "tfjs-node"),
    );
    await tf.setBackend("tensorflow");
  }
  const a = tf.tensor1d([1, 2, 3, 4]);
  const b = tf.tensor1d([10, 20, 30, 40]);
  return {
    result: () => [...tf.tidy(() => tf.add(a, b).dataSync())],
    once() {
      const start = performance.now();
      for (let i = 0; i < REPEATS; i++) tf.add(a, b).dispose();
      return (performance.now() - start) / REPEATS;
    },
  };
}

await answerLines(open);
