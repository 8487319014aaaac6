import { cString, type Pointer } from "./c_api.ts";
import { type HostValues, withNative } from "./host_values.ts";
import {
  attributeSetter,
  type OpAttribute,
  type SetAttribute,
} from "./op_attributes.ts";
import { groupInputs } from "./op_inputs.ts";
import type { Runtime } from "./runtime.ts";
import { Status } from "./status.ts";

/** One output of a node of a graph. */
export interface GraphOutput {
  readonly operation: Pointer;
  readonly index: number;
}

/** What a graph knows of a node's output. */
export interface DescribedOutput {
  readonly output: GraphOutput;
  readonly dtype: number;
  /** The shape; null where it depends on values. */
  readonly shape: number[] | null;
}

/** A node that is no placeholder. */
export interface RecordedNode {
  readonly operation: Pointer;
  readonly inputs: readonly GraphOutput[];
  readonly outputs: readonly GraphOutput[];
}

const encoder = new TextEncoder();

/** A `TF_Graph` that grows node by node, and becomes functions. */
export class Graph {
  readonly #runtime: Runtime;
  readonly #graph: Pointer;
  readonly #status: Status;
  readonly #setAttribute: SetAttribute;
  readonly #where: string;
  readonly #dims = new BigInt64Array(16);
  readonly #name = new Uint8Array(256);
  readonly #nodes: RecordedNode[] = [];
  #count = 0;

  /**
   * @param runtime Where the graph will run.
   * @param where Follows "Cannot record … in" in errors.
   */
  constructor(runtime: Runtime, where: string) {
    this.#runtime = runtime;
    this.#where = where;
    this.#graph = runtime.api.TF_NewGraph()!;
    this.#status = new Status(runtime.api);
    this.#setAttribute = attributeSetter(
      runtime.api,
      "graph",
      this.#status.pointer,
    );
  }

  /** How many nodes there are, placeholders included. */
  get count(): number {
    return this.#count;
  }

  /** The nodes but for placeholders, in the order they were added. */
  get nodes(): readonly RecordedNode[] {
    return this.#nodes;
  }

  /**
   * Adds an op.
   *
   * @param name The op, for example `Conv2D`.
   * @param attributes Those that do not follow from the inputs.
   * @param inputs In the order of the op's definition, lists flattened.
   * @param outputCount How many tensors the op gives.
   * @param what The op and its inputs' shapes, for errors.
   * @throws {Error} With TensorFlow's message, if it refuses the op.
   */
  add(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly GraphOutput[],
    outputCount: number,
    what: () => string,
  ): DescribedOutput[] {
    const { api } = this.#runtime;
    const definition = this.#runtime.definitions.get(name);
    const groups = groupInputs(definition, attributes, inputs);
    const node = this.#begin(name);
    for (const group of groups) {
      if (Array.isArray(group)) {
        api.TF_AddInputList(node, packOutputs(group), group.length);
      } else {
        api.TF_AddInput(node, group.operation, group.index);
      }
    }
    for (const attribute of attributes) {
      if (definition.inferred.has(attribute.name)) continue;
      this.#setAttribute(node, definition, attribute);
    }
    const operation = this.#finish(node, what);
    const outputs = Array.from({ length: outputCount }, (_, index) => ({
      output: { operation, index },
      dtype: api.TF_OperationOutputType(operation, index),
      shape: this.#shapeOf(operation, index),
    }));
    if (name !== "Placeholder") {
      const ports = outputs.map(({ output }) => output);
      this.#nodes.push({ operation, inputs, outputs: ports });
    }
    return outputs;
  }

  /** Adds a constant. */
  constant(
    dtype: number,
    shape: readonly number[],
    values: HostValues,
  ): GraphOutput {
    const { api } = this.#runtime;
    const node = this.#begin("Const");
    api.TF_SetAttrType(node, cString("dtype"), dtype);
    withNative(api, dtype, shape, values, (tensor) => {
      const { pointer } = this.#status;
      api.TF_SetAttrTensor(node, cString("value"), tensor, pointer);
    });
    const operation = this.#finish(node, () => `a constant of [${shape}]`);
    const output = { operation, index: 0 };
    this.#nodes.push({ operation, inputs: [], outputs: [output] });
    return output;
  }

  /** Adds an argument of the function that the graph will be. */
  placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const attributes = [
      { name: "dtype", value: dtype },
      { name: "shape", value: shape },
    ];
    const what = () => `an input of [${shape}]`;
    return this.add("Placeholder", attributes, [], 1, what)[0].output;
  }

  /** What a function gives for these outputs. */
  results(outputs: readonly GraphOutput[]): readonly GraphOutput[] {
    return outputs;
  }

  /**
   * Turns nodes into a function and adds it to TensorFlow's context.
   *
   * @param functionName Unique in the context, null-terminated.
   * @param operations The nodes of its body.
   * @param inputs What the body uses and does not make, in the arguments' order.
   * @param outputs What the function gives; also inputs, or one output twice.
   */
  toFunction(
    functionName: Uint8Array<ArrayBuffer>,
    operations: readonly Pointer[],
    inputs: readonly GraphOutput[],
    outputs: readonly GraphOutput[],
  ): void {
    const { api, context } = this.#runtime;
    const status = this.#status;
    const body = [...operations];
    const seen = new Set(inputs);
    const distinct = outputs.map((output) => {
      if (seen.has(output)) {
        const what = () => "Identity";
        const [copy] = this.add("Identity", [], [output], 1, what);
        body.push(copy.output.operation);
        return copy.output;
      }
      seen.add(output);
      return output;
    });
    const made = api.TF_GraphToFunction(
      this.#graph,
      functionName,
      0, // appends no hash to the name
      body.length,
      addressesOf(body),
      inputs.length,
      packOutputs(inputs),
      distinct.length,
      packOutputs(distinct),
      null,
      null,
      null,
      status.pointer,
    );
    status.check(`compile ${this.#where}`);
    api.TFE_ContextAddFunction(context, made, status.pointer);
    api.TF_DeleteFunction(made);
    status.check(`compile ${this.#where}`);
  }

  /** Frees the graph; what was made by `toFunction` stays. */
  close(): void {
    this.#runtime.api.TF_DeleteGraph(this.#graph);
    this.#status.delete();
  }

  #begin(op: string): Pointer {
    const { written } = encoder.encodeInto(
      `${op}_${this.#count++}\0`,
      this.#name,
    );
    return this.#runtime.api.TF_NewOperation(
      this.#graph,
      cString(op),
      this.#name.subarray(0, written),
    )!;
  }

  #finish(node: Pointer, what: () => string): Pointer {
    const operation = this.#runtime.api.TF_FinishOperation(
      node,
      this.#status.pointer,
    );
    if (!this.#status.ok) {
      this.#status.check(`record ${what()} in ${this.#where}`);
    }
    return operation!;
  }

  #shapeOf(operation: Pointer, index: number): number[] | null {
    const { api } = this.#runtime;
    const [graph, dims, status] = [
      this.#graph,
      this.#dims,
      this.#status.pointer,
    ];
    const rank = api.TF_GraphGetTensorNumDims(graph, operation, index, status);
    if (rank < 0) return null;
    if (rank > 0) {
      api.TF_GraphGetTensorShape(graph, operation, index, dims, rank, status);
    }
    const shape: number[] = [];
    for (let i = 0; i < rank; i++) shape.push(Number(dims[i]));
    return shape.includes(-1) ? null : shape;
  }
}

/** An array of pointers. */
function addressesOf(
  pointers: readonly Pointer[],
): BigUint64Array<ArrayBuffer> {
  const addresses = new BigUint64Array(Math.max(pointers.length, 1));
  pointers.forEach((pointer, i) => {
    addresses[i] = Deno.UnsafePointer.value(pointer);
  });
  return addresses;
}

/** An array of `TF_Output { operation, index }`. */
function packOutputs(
  outputs: readonly GraphOutput[],
): BigUint64Array<ArrayBuffer> {
  const packed = new BigUint64Array(Math.max(2 * outputs.length, 1));
  outputs.forEach(({ operation, index }, i) => {
    packed[2 * i] = Deno.UnsafePointer.value(operation);
    packed[2 * i + 1] = BigInt(index);
  });
  return packed;
}
