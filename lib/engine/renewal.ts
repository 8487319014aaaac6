import type { Pointer } from "./c_api.ts";
import { TF } from "./data_types.ts";
import type { Runtime } from "./runtime.ts";
import { isNative, type TensorStore } from "./tensor_store.ts";

/** What a recorded step has in TensorFlow's context. */
export interface ContextFunction {
  /** Nodes of its graph. */
  readonly nodes: number;
  /** Each null-terminated. */
  readonly functionNames: readonly Uint8Array<ArrayBuffer>[];
  /** Handles that it owns. */
  holders(): { handle: Pointer }[];
  dispose(): void;
}

/** Nodes that may be freed before a context is worn, whatever is in use. */
const LEAST_WEAR = 2000;

/**
 * Renews a context in which more was recorded and freed than is still in use.
 *
 * TensorFlow frees a function that is removed, but not what its threads keep for
 * it: oneDNN's compiled code for each shape of each convolution, product and
 * pooling, up to 1,024 of a kind and thread (`LRUCache` in TensorFlow's
 * `core/util/mkl_util.h`), 0.3 MB for a training step of 150 nodes. It lives as
 * long as the threads, and these as long as their context.
 *
 * So what is kept of freed steps never exceeds what the steps in use take, or
 * {@link LEAST_WEAR} nodes, and each freed node pays for at most one that
 * TensorFlow has to optimise anew.
 */
export class Renewal {
  /** What was recorded and not yet freed. */
  readonly functions = new Set<ContextFunction>();
  readonly #runtime: Runtime;
  readonly #tensors: TensorStore;
  #freed = 0;

  constructor(runtime: Runtime, tensors: TensorStore) {
    this.#runtime = runtime;
    this.#tensors = tensors;
  }

  /** Forgets a function that is being freed; false if it was not there. */
  free(used: ContextFunction): boolean {
    const known = this.functions.delete(used);
    if (known) this.#freed += used.nodes;
    return known;
  }

  /** Whether it is time to renew. */
  get due(): boolean {
    if (this.#freed <= LEAST_WEAR) return false;
    const inUse = [...this.functions].reduce((sum, f) => sum + f.nodes, 0);
    return this.#freed > inUse;
  }

  /** Renews the context. Nothing may run, be read or be recorded meanwhile. */
  renew(): void {
    this.#freed = 0;
    const tensors = [...this.#tensors.all()].filter(isNative);
    // Resources live in their context, and a copy from a GPU would take long.
    if (tensors.some(({ dtype }) => dtype === TF.RESOURCE)) return;
    if (this.#runtime.remote) return;
    const functions = [...this.functions];
    this.#runtime.renew(
      functions.flatMap(({ functionNames }) => functionNames),
      [...tensors, ...functions.flatMap((f) => f.holders())],
    );
  }
}
