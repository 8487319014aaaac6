import * as tf from "@tensorflow/tfjs-core";
import { type OpenedBackend, selectBackend } from "./opened_backend.ts";

/** Makes tfjs run in pure JavaScript. */
export async function openScript(): Promise<OpenedBackend> {
  // tfjs's own collection registers its JavaScript backend.
  await import("@tensorflow/tfjs");
  const backend = tf.findBackend("cpu") as unknown as { firstUse: boolean };
  backend.firstUse = false; // else it advises to install tfjs-node
  await selectBackend("cpu", "pure JavaScript");
  return {
    description: "pure JavaScript, slow",
    version: tf.version_core,
    threads: 1,
    device: "cpu",
    handles: () => tf.engine().state.numDataBuffers,
    close: () => Promise.resolve(),
  };
}
