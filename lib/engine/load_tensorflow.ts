import { type CApi, SYMBOLS } from "./c_api.ts";
import { keepFreedMemory } from "./native_allocator.ts";
import { withoutNativeStderr } from "./native_stderr.ts";

/** The oldest TensorFlow whose C API has every function that the engine uses. */
export const OLDEST = [2, 16] as const;

/**
 * How many compiled kernels oneDNN keeps for shapes it has met. Of its own 1,024
 * none is missed: TensorFlow's threads keep those that they use.
 */
const ONEDNN_CAPACITY = "ONEDNN_PRIMITIVE_CACHE_CAPACITY";
const ONEDNN_KERNELS = "256";

/** A loaded TensorFlow. */
export interface TensorflowLibrary {
  readonly api: CApi;
  readonly version: string;
  readonly path: string;
}

const loaded = new Map<string, TensorflowLibrary>();

/**
 * Loads TensorFlow's shared library into the process, once per path. It stays
 * loaded: TensorFlow does not support being unloaded.
 *
 * Of TensorFlow's own log lines only errors are shown, unless the environment
 * variable `TF_CPP_MIN_LOG_LEVEL` says otherwise.
 *
 * @param path The path of `libtensorflow_cc.so.2`.
 * @throws {Error} If the file is no library, not TensorFlow, or too old; the
 * message says what was found and what to do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
 *
 * assert.throws(() => loadTensorflow("/etc/passwd"), /run \.\/ldlab setup/);
 * ```
 */
export function loadTensorflow(path: string): TensorflowLibrary {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const logLevel = Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "2";
  Deno.env.set("TF_CPP_MIN_LOG_LEVEL", logLevel);
  if (!Deno.env.has(ONEDNN_CAPACITY)) {
    Deno.env.set(ONEDNN_CAPACITY, ONEDNN_KERNELS);
  }
  const version = Number(logLevel) > 0
    ? withoutNativeStderr(() => readVersion(path))
    : readVersion(path);
  requireVersion(version, path);
  let api: CApi;
  try {
    api = Deno.dlopen(path, SYMBOLS).symbols;
  } catch (error) {
    throw unusable(path, `TensorFlow ${version} lacks a function`, error);
  }
  keepFreedMemory();
  const library = { api, version, path };
  loaded.set(path, library);
  return library;
}

/**
 * Refuses a TensorFlow that is too old.
 *
 * @throws {Error} Which version was found, and what to do.
 */
export function requireVersion(version: string, path: string): void {
  const [major, minor] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new Error(
    `Cannot use TensorFlow ${version} at ${path}: ${OLDEST.join(".")} or ` +
      `newer is needed. Please run ./ldlab setup, or set LDLAB_TENSORFLOW to ` +
      `a newer libtensorflow_cc.so.2`,
  );
}

/** Asks the library for its version before relying on anything else in it. */
function readVersion(path: string): string {
  try {
    Deno.statSync(path);
  } catch (error) {
    throw unusable(path, "the file cannot be read", error);
  }
  let library;
  try {
    library = Deno.dlopen(path, {
      TF_Version: { parameters: [], result: "pointer", optional: true },
    });
  } catch (error) {
    throw unusable(path, "it is not a shared library for this machine", error);
  }
  if (library.symbols.TF_Version === null) {
    library.close();
    throw unusable(path, "it is a shared library, but not TensorFlow's");
  }
  return Deno.UnsafePointerView.getCString(library.symbols.TF_Version()!);
}

function unusable(path: string, why: string, cause?: unknown): Error {
  const detail = cause instanceof Error ? ` (${cause.message})` : "";
  return new Error(
    `Cannot load TensorFlow from ${path}: ${why}${detail}. Please run ` +
      `./ldlab setup, or set LDLAB_TENSORFLOW to a libtensorflow_cc.so.2 of ` +
      `TensorFlow ${OLDEST.join(".")} or newer`,
    { cause },
  );
}
