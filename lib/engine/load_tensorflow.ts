import { type CApi, SYMBOLS } from "./c_api.ts";
import {
  CUDA_LIBRARIES,
  cudaCompiler,
  cudaFolders,
  loadCudaLibraries,
} from "./cuda_libraries.ts";
import { keepLoaded } from "./keep_loaded.ts";
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

/** The flag of XLA that names the folder of NVIDIA's compiler. */
const XLA_COMPILER = "--xla_gpu_cuda_data_dir";
/**
 * How much the driver keeps of what it compiled for a card that is newer than
 * TensorFlow's package. Its own 1 GiB holds not all of TensorFlow, and what does
 * not fit is compiled at every start, for minutes.
 */
const CUDA_CACHE = "CUDA_CACHE_MAXSIZE";
const CUDA_CACHE_BYTES = String(4 * 1024 ** 3 - 1);

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
  prepareForCards(path);
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
  keepLoaded(path);
  keepFreedMemory();
  const library = { api, version, path };
  loaded.set(path, library);
  return library;
}

/**
 * Sets up what TensorFlow looks for when it is loaded, or once, and never again:
 * CUDA's runtime library, if it is beside TensorFlow, NVIDIA's compiler, and how
 * much of what the driver compiles for a card it keeps on disk.
 */
function prepareForCards(path: string): void {
  const folders = cudaFolders(path);
  loadCudaLibraries(folders, CUDA_LIBRARIES.slice(0, 1));
  const compiler = cudaCompiler(path);
  const flags = Deno.env.get("XLA_FLAGS") ?? "";
  // What does not begin as a flag is the name of a file with flags.
  const isFile = /^\s*[^\s-]/.test(flags);
  if (compiler !== undefined && !isFile && !flags.includes(XLA_COMPILER)) {
    // In quotes, as XLA takes them: the folder's name may hold a blank.
    Deno.env.set("XLA_FLAGS", `${flags} ${XLA_COMPILER}="${compiler}"`.trim());
  }
  if (!Deno.env.has(CUDA_CACHE)) Deno.env.set(CUDA_CACHE, CUDA_CACHE_BYTES);
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
