import * as tf from "@tensorflow/tfjs-core";
import type { ThreadCounts } from "./config_proto.ts";
import type { DeviceName } from "./device.ts";

/** How a backend is to be opened; all but TensorFlow take no notice. */
export interface BackendOptions extends ThreadCounts {
  /** Whether TensorFlow rewrites compiled steps. */
  readonly optimize: boolean;
  readonly device: DeviceName | "auto";
  /** Bytes of a card's memory that may be used. */
  readonly memoryLimit?: number;
  /** Whether a card may multiply in TensorFloat-32. */
  readonly tf32: boolean;
}

/** A backend that tfjs runs on now; what an engine knows of it. */
export interface OpenedBackend {
  /** What it runs on, as a sentence without its full stop. */
  readonly description: string;
  /** Of TensorFlow, or of tfjs on other backends. */
  readonly version: string;
  /** Threads that work on one op. */
  readonly threads: number;
  /** Where it computes. */
  readonly device: DeviceName | "webgpu";
  /** What the card is called, where it is one of TensorFlow's. */
  readonly card?: string;
  /** Native handles that are alive. */
  handles(): number;
  /** Frees what the backend holds, once what runs on it is done. */
  close(): Promise<void>;
}

/**
 * Makes tfjs run on a backend that is registered.
 *
 * @param what What it is, for the error.
 * @throws {Error} If tfjs cannot start it. tfjs itself warns on the console with
 * the reason, and would go on without a backend.
 */
export async function selectBackend(name: string, what: string): Promise<void> {
  if (await tf.setBackend(name)) return;
  throw new Error(
    `Cannot use ${what}: tfjs could not start its backend '${name}'; the warning ` +
      `above says why`,
  );
}
