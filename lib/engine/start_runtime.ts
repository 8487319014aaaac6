import { contextConfig, type ThreadCounts } from "./config_proto.ts";
import { cudaFolders, loadCudaLibraries } from "./cuda_libraries.ts";
import type { DeviceName } from "./device.ts";
import { type CardSystem, findCard } from "./find_card.ts";
import { kernelDevices } from "./kernel_devices.ts";
import type { TensorflowLibrary } from "./load_tensorflow.ts";
import { askDriver, type Card } from "./nvidia_driver.ts";
import { Runtime } from "./runtime.ts";

/** What TensorFlow says where a process asks for a second card. */
const OTHER_CARD = "is being mapped to multiple devices";

/** The name of the card in a context that sees one only. */
const ONE_CARD = "/device:GPU:0";

/** A runtime, and where it computes. */
export interface StartedRuntime {
  readonly runtime: Runtime;
  readonly device: DeviceName;
  /** Null for the processor. */
  readonly card: Card | null;
  /** What is missing for the first card, where that was looked for. */
  readonly missing?: string;
}

/**
 * Starts TensorFlow's runtime on a card or on the processor.
 *
 * @param library TensorFlow.
 * @param threads How many threads work on ops.
 * @param asked The number of the card, null for the processor, or `auto` for the
 * first card, and the processor where it cannot be used.
 * @param memoryLimit Bytes of the card's memory that may be used, above 0.
 * @param system What is asked for the card; default this machine.
 * @throws {Error} If a card that was asked for by its number cannot be used.
 * @throws {RangeError} If the card has less memory than the limit.
 */
export function startRuntime(
  library: TensorflowLibrary,
  threads: ThreadCounts,
  asked: number | null | "auto",
  memoryLimit?: number,
  system: CardSystem = machine(library),
): StartedRuntime {
  const { api } = library;
  const onProcessor = (missing?: string): StartedRuntime => ({
    runtime: new Runtime(api, contextConfig(threads, null)),
    device: "cpu",
    card: null,
    missing,
  });
  if (asked === null) return onProcessor();
  const index = asked === "auto" ? 0 : asked;
  const without = (missing: string): StartedRuntime => {
    if (asked === "auto") return onProcessor(missing);
    throw new Error(`Cannot use gpu:${index}: ${missing}`);
  };
  const { card, problem } = findCard(index, system);
  if (problem !== undefined) return without(problem);
  const memoryFraction = fractionOf(card, memoryLimit);
  const config = contextConfig(threads, { index, memoryFraction });
  let runtime: Runtime;
  try {
    runtime = new Runtime(api, config, ONE_CARD);
  } catch (error) {
    const { message } = error as Error;
    return without(
      message.includes(OTHER_CARD)
        ? `this process computed on another card before, and TensorFlow takes ` +
          `one card a process. Use gpu:${index} (${card.name}) in another process`
        : `TensorFlow does not start on the card (${card.name}): ${message}. ` +
          `See with nvidia-smi whether other programs hold its memory`,
    );
  }
  if (!runtime.devices().some(({ kind }) => kind === "GPU")) {
    runtime.close();
    return without(
      `TensorFlow does not take the card (${card.name}), though the driver and ` +
        `all libraries are there. Run again with the environment variable ` +
        `TF_CPP_MIN_LOG_LEVEL=0 to see why`,
    );
  }
  return { runtime, device: `gpu:${index}`, card };
}

/** The share of a card's memory that is within a limit. */
function fractionOf(
  { name, bytes }: Card,
  limit: number | undefined,
): number | undefined {
  if (limit === undefined) return undefined;
  if (limit <= bytes) return limit / bytes;
  throw new RangeError(
    `Cannot open engine: memoryLimit must be at most the ${bytes} bytes of the ` +
      `card (${name}): current value is ${limit}`,
  );
}

function machine({ api, path }: TensorflowLibrary): CardSystem {
  return {
    driver: () => askDriver(),
    builtWithCuda: () => kernelDevices(api, "MatMul").has("GPU"),
    loadLibraries: () => loadCudaLibraries(cudaFolders(path)),
  };
}
