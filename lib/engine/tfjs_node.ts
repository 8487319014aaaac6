import type * as tf from "@tensorflow/tfjs-core";
import { createRequire } from "node:module";
import util from "node:util";
import type { TensorMetadata, TfjsNodeBinding } from "./tfjs_node_binding.ts";

/** What tfjs-node's backend keeps of a tensor. */
export interface TensorEntry {
  readonly shape: number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  /** Number in the store; -1 while the values wait on the host. */
  id: number;
  /** Values that wait on the host to be uploaded at first use. */
  values: ArrayLike<number> | Uint8Array[] | null;
  refCount: number;
}

/** tfjs-node's backend, as far as it is used or replaced here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: TfjsNodeBinding;
  readonly tensorMap: {
    get(dataId: tf.DataId): TensorEntry;
    has(dataId: tf.DataId): boolean;
  };
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; value: unknown }[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; value: unknown }[],
    inputs: readonly tf.TensorInfo[],
    outputCount: number,
  ): tf.Tensor[];
}

/** The constructor of tfjs-node's backend. */
export type NodeBackendClass = new (
  binding: TfjsNodeBinding,
  packageName: string,
) => NodeBackend;

let loaded: NodeBackendClass | undefined;

/**
 * Loads the JavaScript side of tfjs-node, its kernels and gradients, without its
 * native add-on.
 *
 * It is loaded as CommonJS from this package, which gives it the very tfjs-core
 * that `import "@tensorflow/tfjs-core"` gives: a second copy would be a second
 * engine with tensors of its own.
 */
export function loadTfjsNode(): NodeBackendClass {
  if (loaded !== undefined) return loaded;
  // Its code calls two functions that node:util no longer has.
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) =>
    value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  const require = createRequire(import.meta.url);
  const backend = require(
    "@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js",
  );
  require("@tensorflow/tfjs-node/dist/register_all_kernels.js");
  loaded = backend.NodeJSKernelBackend as NodeBackendClass;
  return loaded;
}
