import { isUniform } from "./constant_values.ts";
import { elementBytes, TF } from "./data_types.ts";
import type { Graph, GraphOutput } from "./graph.ts";
import type { HostValues } from "./host_values.ts";

/** Constants above this many bytes are not put into the graph. */
const LARGEST_CONSTANT = 64 * 1024;
/** Constants up to this many bytes are looked for among earlier ones. */
const LARGEST_SHARED_CONSTANT = 64;

/** Makes a node that stands for values which are no part of the graph. */
type Capture = (
  dtype: number,
  shape: number[],
  values: Uint8Array,
) => GraphOutput;

/**
 * The constants of a graph that is recorded. Small ones that are the same are one
 * node, uniform ones a `Fill`, and large ones no part of the graph.
 */
export class GraphConstants {
  readonly #graph: Graph;
  readonly #capture: Capture;
  readonly #known = new Map<string, GraphOutput>();

  constructor(graph: Graph, capture: Capture) {
    this.#graph = graph;
    this.#capture = capture;
  }

  /** Adds a constant. */
  add(dtype: number, shape: number[], values: HostValues): GraphOutput {
    return dtype === TF.STRING
      ? this.#graph.constant(dtype, shape, values)
      : this.#numbers(dtype, shape, values as Uint8Array);
  }

  /** Adds a vector of int32. */
  ints(values: readonly number[]): GraphOutput {
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    return this.#numbers(TF.INT32, [values.length], bytes);
  }

  #numbers(dtype: number, shape: number[], values: Uint8Array): GraphOutput {
    const bytes = new Uint8Array(
      values.buffer,
      values.byteOffset,
      values.byteLength,
    );
    if (bytes.length <= LARGEST_SHARED_CONSTANT) {
      const key = `${dtype}|${shape}|${bytes}`;
      const known = this.#known.get(key);
      const output = known ?? this.#graph.constant(dtype, shape, values);
      this.#known.set(key, output);
      return output;
    }
    const width = elementBytes(dtype);
    if (isUniform(bytes, width)) {
      const inputs = [
        this.ints(shape),
        this.#numbers(dtype, [], bytes.slice(0, width)),
      ];
      const what = () => `Fill of [${shape}]`;
      return this.#graph.add("Fill", [], inputs, 1, what)[0].output;
    }
    return bytes.length <= LARGEST_CONSTANT
      ? this.#graph.constant(dtype, shape, values)
      : this.#capture(dtype, shape, values);
  }
}
