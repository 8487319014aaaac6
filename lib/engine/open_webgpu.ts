import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { registerWebgpuAddN } from "./kernels/webgpu_add_n.ts";
import { type OpenedBackend, selectBackend } from "./opened_backend.ts";

/** The backend that was prepared before. */
let known: WebGPUBackend | undefined;

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
  const backend = tf.backend() as WebGPUBackend;
  if (backend !== known) {
    known = backend;
    registerWebgpuAddN();
    reportErrors(backend);
  }
  const { vendor, description } = adapter.info;
  return {
    description: `WebGPU on ${description || vendor || "an unnamed adapter"}`,
    version: tf.version_core,
    threads: 1,
    device: "webgpu",
    handles: () => tf.engine().state.numDataBuffers,
    close: () => Promise.resolve(),
  };
}

/**
 * Makes reads fail after the device refused an op, of which tfjs takes no
 * notice: the values are not computed, and whatever was in memory is read. Each
 * error is reported once; what is computed afterwards is good again.
 */
function reportErrors(backend: WebGPUBackend): void {
  let refused: string | undefined;
  backend.device.addEventListener("uncapturederror", (event) => {
    refused ??= (event as GPUUncapturedErrorEvent).error.message;
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (refused === undefined) return values;
    const message = refused;
    refused = undefined;
    throw new Error(`Cannot compute on WebGPU: the device refused: ${message}`);
  };
}
