import * as tf from "@tensorflow/tfjs-core";
import { type OpenedBackend, selectBackend } from "./opened_backend.ts";

/**
 * Makes tfjs run on Deno's WebGPU.
 *
 * @throws {Error} If there is no adapter; the message says what to install.
 */
export async function openWebgpu(): Promise<OpenedBackend> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) {
    throw new Error(
      `Cannot use WebGPU: Deno found no graphics adapter. Install its Vulkan ` +
        `driver; a software one is in Debian's mesa-vulkan-drivers`,
    );
  }
  await import("@tensorflow/tfjs"); // registers the gradients
  await import("@tensorflow/tfjs-backend-webgpu");
  await selectBackend("webgpu", "WebGPU");
  const { vendor, description } = adapter.info;
  return {
    description: `WebGPU on ${description || vendor || "an unnamed adapter"}`,
    version: tf.version_core,
    threads: 1,
    handles: () => tf.engine().state.numDataBuffers,
    close: () => Promise.resolve(),
  };
}
