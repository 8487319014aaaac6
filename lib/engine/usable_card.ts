import { cudaFolders, loadCudaLibraries } from "./cuda_libraries.ts";
import { cardAsked } from "./device.ts";
import { type CardSystem, findCard } from "./find_card.ts";
import { findTensorflow } from "./find_tensorflow.ts";
import { kernelDevices } from "./kernel_devices.ts";
import { loadTensorflow } from "./load_tensorflow.ts";
import { askDriver, type Card } from "./nvidia_driver.ts";

/**
 * The card that an engine would take, as far as that can be told before one is
 * opened: the card may be full. Use it to choose what is to be computed by what
 * there is. Without NVIDIA's driver nothing is loaded.
 *
 * @param device What was asked for, as `LDLAB_DEVICE` has it; default what that
 * says.
 * @param system What is asked for the card; default this machine.
 * @returns The card; null where the engine takes the processor, or fails.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { usableCard } from "ldlab/engine/usable_card.ts";
 *
 * assert.equal(usableCard("cpu"), null);
 * ```
 */
export function usableCard(
  device = Deno.env.get("LDLAB_DEVICE") || "auto",
  system: CardSystem = LOCAL,
): Card | null {
  try {
    const asked = cardAsked(device);
    if (asked === null) return null;
    return findCard(asked === "auto" ? 0 : asked, system).card ?? null;
  } catch {
    return null; // the engine says what is wrong
  }
}

const LOCAL: CardSystem = {
  driver: () => askDriver(),
  builtWithCuda: () =>
    kernelDevices(loadTensorflow(findTensorflow()).api, "MatMul").has("GPU"),
  loadLibraries: () => loadCudaLibraries(cudaFolders(findTensorflow())),
};
