import { dirname, join } from "node:path";
import { keepLoaded } from "./keep_loaded.ts";

/** A shared library that TensorFlow loads, by its name alone, to use a card. */
export interface CudaLibrary {
  readonly name: string;
  /** The PyPI package that brings it. */
  readonly wheel: string;
}

/**
 * What TensorFlow 2.21 loads to use a card, each after those that it needs
 * itself: cuSOLVER needs cuSPARSE, cuBLAS and nvJitLink. TensorFlow does not ask
 * for the second and third; the libraries that it asks for do, cuDNN for NVRTC
 * only when it compiles a kernel. NCCL, CUPTI and cuRAND are not among them: they
 * serve several cards, the profiler and nothing.
 *
 * Seen in TensorFlow's own log (`TF_CPP_MAX_VLOG_LEVEL=2`, lines of
 * `dso_loader`) and in the libraries' `DT_NEEDED`.
 */
export const CUDA_LIBRARIES: readonly CudaLibrary[] = [
  { name: "libcudart.so.12", wheel: "nvidia-cuda-runtime-cu12" },
  { name: "libnvrtc.so.12", wheel: "nvidia-cuda-nvrtc-cu12" },
  { name: "libnvJitLink.so.12", wheel: "nvidia-nvjitlink-cu12" },
  { name: "libcublasLt.so.12", wheel: "nvidia-cublas-cu12" },
  { name: "libcublas.so.12", wheel: "nvidia-cublas-cu12" },
  { name: "libcufft.so.11", wheel: "nvidia-cufft-cu12" },
  { name: "libcusparse.so.12", wheel: "nvidia-cusparse-cu12" },
  { name: "libcusolver.so.11", wheel: "nvidia-cusolver-cu12" },
  { name: "libcudnn.so.9", wheel: "nvidia-cudnn-cu12" },
];

/** The file system and the dynamic linker, as far as they are asked. */
export interface LibrarySystem {
  isFile(path: string): boolean;
  /** The entries of a folder; none where there is no such folder. */
  entries(folder: string): string[];
  /**
   * Loads a library, by path, or by name where the system looks for it; it stays
   * loaded.
   *
   * @throws {Error} Why it cannot be loaded.
   */
  load(library: string): void;
}

/** A library that could not be loaded. */
export interface MissingLibrary extends CudaLibrary {
  /** The linker's message. */
  readonly why: string;
}

/**
 * The folders in which the libraries may be: TensorFlow's own, and those that
 * NVIDIA's packages make beside it (`nvidia/cublas/lib` and so on).
 *
 * @param tensorflow The path of `libtensorflow_cc.so.2`.
 */
export function cudaFolders(
  tensorflow: string,
  system: LibrarySystem = LOCAL,
): string[] {
  const own = dirname(tensorflow);
  const packages = join(dirname(own), "nvidia");
  return [
    own,
    ...system.entries(packages).sort().map((name) =>
      join(packages, name, "lib")
    ),
  ];
}

/**
 * Loads the libraries for cards, from these folders by path, else from where the
 * system has them.
 *
 * TensorFlow asks the dynamic linker for them by name. The linker knows what is
 * loaded by the name that is written in it (`DT_SONAME`), wherever it came from,
 * and so finds these without `LD_LIBRARY_PATH`. The run path of TensorFlow's
 * package does not lead to all of them: cuSOLVER would not be found.
 *
 * @param folders Looked through in this order.
 * @param libraries In an order in which each needs earlier ones only.
 * @returns Those that could not be loaded.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadCudaLibraries } from "ldlab/engine/cuda_libraries.ts";
 *
 * const [missing] = loadCudaLibraries(["/nowhere"], [
 *   { name: "libno_such_library.so.1", wheel: "no-such-wheel" },
 * ]);
 * assert.equal(missing.wheel, "no-such-wheel");
 * assert.match(missing.why, /cannot open shared object file/);
 * ```
 */
export function loadCudaLibraries(
  folders: readonly string[],
  libraries: readonly CudaLibrary[] = CUDA_LIBRARIES,
  system: LibrarySystem = LOCAL,
): MissingLibrary[] {
  return libraries.flatMap((library) => {
    const path = folders
      .map((folder) => join(folder, library.name))
      .find((path) => system.isFile(path));
    try {
      system.load(path ?? library.name);
      return [];
    } catch (error) {
      return [{ ...library, why: (error as Error).message }];
    }
  });
}

/**
 * The folder of NVIDIA's compiler (`bin/ptxas`, `nvvm/libdevice`), which XLA and
 * the choice among convolutions use, if there is one beside TensorFlow.
 *
 * @param tensorflow The path of `libtensorflow_cc.so.2`.
 */
export function cudaCompiler(
  tensorflow: string,
  system: LibrarySystem = LOCAL,
): string | undefined {
  const own = dirname(tensorflow);
  return [join(dirname(own), "nvidia", "cuda_nvcc"), join(own, "cuda_nvcc")]
    .find((folder) => system.isFile(join(folder, "bin", "ptxas")));
}

const LOCAL: LibrarySystem = {
  isFile(path) {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  },
  entries(folder) {
    try {
      return [...Deno.readDirSync(folder)].map(({ name }) => name);
    } catch {
      return [];
    }
  },
  load(library) {
    Deno.dlopen(library, {});
    keepLoaded(library);
  },
};
