import * as tf from "@tensorflow/tfjs-core";
import { missingForBfloat16 } from "./bfloat16_support.ts";
import {
  optimizedConfig,
  type ThreadCounts,
  unoptimizedConfig,
} from "./config_proto.ts";
import { findTensorflow } from "./find_tensorflow.ts";
import { registerKernels } from "./kernels/register.ts";
import { loadTensorflow } from "./load_tensorflow.ts";
import { type OpenedBackend, selectBackend } from "./opened_backend.ts";
import { Runtime } from "./runtime.ts";
import { Session, setCurrentSession } from "./session.ts";
import { tensorflowBackend } from "./tensorflow_backend.ts";

/**
 * Opens TensorFlow and makes tfjs run on it.
 *
 * @throws {Error} If TensorFlow is missing or unusable; the message says what to
 * do.
 */
export async function openTensorflow(
  { optimize, ...counts }: ThreadCounts & { optimize: boolean },
): Promise<OpenedBackend> {
  if (tf.findBackend("tensorflow") !== null) {
    throw new Error(
      `Cannot use TensorFlow: tfjs already has a backend 'tensorflow', of ` +
        `tfjs-node or another copy of this library. Import only one of them`,
    );
  }
  const { threads } = counts;
  const library = loadTensorflow(findTensorflow());
  const runtime = new Runtime(library.api, counts);
  const session = new Session(
    runtime,
    optimize ? optimizedConfig() : unoptimizedConfig(),
  );
  const gpu = runtime.deviceKinds().includes("GPU");
  session.missingForBfloat16 = missingForBfloat16({ gpu });
  const backend = tensorflowBackend(session);
  registerKernels();
  tf.registerBackend("tensorflow", () => backend);
  await selectBackend("tensorflow", "TensorFlow");
  setCurrentSession(session);
  const device = gpu ? "CUDA" : "the CPU";
  return {
    description: `TensorFlow ${library.version} on ${device}, ` +
      `${threads} thread${threads === 1 ? "" : "s"} (${library.path})`,
    version: library.version,
    threads,
    handles: () => runtime.handles,
    async close() {
      await session.settle();
      setCurrentSession(null);
      tf.removeBackend("tensorflow");
      session.close();
    },
  };
}
