import * as tf from "@tensorflow/tfjs-core";
import { missingForBfloat16 } from "./bfloat16_support.ts";
import { optimizedConfig, unoptimizedConfig } from "./config_proto.ts";
import { cardAsked } from "./device.ts";
import { findTensorflow } from "./find_tensorflow.ts";
import { registerKernels } from "./kernels/register.ts";
import { describeLiveMemory } from "./live_memory.ts";
import { loadTensorflow } from "./load_tensorflow.ts";
import {
  type BackendOptions,
  type OpenedBackend,
  selectBackend,
} from "./opened_backend.ts";
import { Session, setCurrentSession } from "./session.ts";
import { startRuntime } from "./start_runtime.ts";
import { setTensorFloat32 } from "./tensor_float32.ts";
import { tensorflowBackend } from "./tensorflow_backend.ts";

/**
 * Opens TensorFlow and makes tfjs run on it.
 *
 * @throws {Error} If TensorFlow, or a card that was asked for, is missing or
 * unusable; the message says what to do.
 */
export async function openTensorflow(
  { optimize, device: asked, memoryLimit, tf32, ...counts }: BackendOptions,
): Promise<OpenedBackend> {
  if (tf.findBackend("tensorflow") !== null) {
    throw new Error(
      `Cannot use TensorFlow: tfjs already has a backend 'tensorflow', of ` +
        `tfjs-node or another copy of this library. Import only one of them`,
    );
  }
  const { threads } = counts;
  const library = loadTensorflow(findTensorflow());
  setTensorFloat32(library.path, tf32);
  const { runtime, device, card, missing } = startRuntime(
    library,
    counts,
    cardAsked(asked),
    memoryLimit,
  );
  const session = new Session(
    runtime,
    optimize ? optimizedConfig() : unoptimizedConfig(),
  );
  session.missingForBfloat16 = missingForBfloat16({ card });
  const backend = tensorflowBackend(session);
  runtime.describeMemory = () => describeLiveMemory(backend.live());
  registerKernels();
  tf.registerBackend("tensorflow", () => backend);
  await selectBackend("tensorflow", "TensorFlow");
  setCurrentSession(session);
  const place = card === null ? "the CPU" : `${device} (${card.name})`;
  return {
    description: `TensorFlow ${library.version} on ${place}, ` +
      `${threads} thread${threads === 1 ? "" : "s"} (${library.path})` +
      (missing === undefined ? "" : `. No GPU: ${missing}`),
    version: library.version,
    threads,
    device,
    card: card?.name,
    handles: () => runtime.handles,
    async close() {
      await session.settle();
      setCurrentSession(null);
      tf.removeBackend("tensorflow");
      session.close();
    },
  };
}
