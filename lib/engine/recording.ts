import { cString, type Pointer } from "./c_api.ts";
import { elementBytes, TF } from "./data_types.ts";
import { type HostValues, toNative } from "./host_values.ts";
import {
  attributeSetter,
  type OpAttribute,
  type SetAttribute,
} from "./op_attributes.ts";
import { groupInputs } from "./op_inputs.ts";
import type { Runtime } from "./runtime.ts";
import { Status } from "./status.ts";
import { type GraphOutput, isSymbolic } from "./tensor_store.ts";
import type { StoredTensor, SymbolicTensor } from "./tensor_store.ts";

/** Constants above this many bytes are not put into the graph. */
const LARGEST_CONSTANT = 64 * 1024;
/** Constants up to this many bytes are looked for among earlier ones. */
const LARGEST_SHARED_CONSTANT = 64;

/**
 * Outputs that only another op of TensorFlow reads, and whose shape is up to the
 * device: the workspace that batch norm leaves for its gradient.
 */
const WORKSPACES: Record<string, number> = { FusedBatchNormV3: 5 };

/** A tensor older than the recording, or too large for it, that a step uses. */
export interface Capture {
  readonly placeholder: GraphOutput;
  /** The number of the tensor in the store; undefined for a large constant. */
  readonly id: number | undefined;
  /** A handle that the recording owns; null once it was released. */
  handle: Pointer | null;
}

/**
 * A step being recorded: a graph that grows by a node per op. Nothing runs; the
 * shapes of outputs come from TensorFlow's own shape inference, so that recording
 * a step of any size takes little time and memory.
 */
export class Recording {
  /** The step's name, for errors. */
  readonly step: string;
  readonly captures: Capture[] = [];
  /** What was recorded, node by node; empty unless asked for. */
  readonly trace: string[] = [];
  readonly #traced: boolean;
  readonly #runtime: Runtime;
  readonly #graph: Pointer;
  readonly #status: Status;
  readonly #setAttribute: SetAttribute;
  readonly #inputs: GraphOutput[] = [];
  readonly #captured = new Map<number, GraphOutput>();
  readonly #constants = new Map<string, GraphOutput>();
  readonly #dims = new BigInt64Array(16);
  readonly #name = new Uint8Array(256);
  #nodes = 0;

  /**
   * @param runtime Where the step will run.
   * @param step The step's name.
   * @param traced Whether to keep a trace.
   */
  constructor(runtime: Runtime, step: string, traced: boolean) {
    this.step = step;
    this.#traced = traced;
    this.#runtime = runtime;
    this.#graph = runtime.api.TF_NewGraph()!;
    this.#status = new Status(runtime.api);
    this.#setAttribute = attributeSetter(
      runtime.api,
      "graph",
      this.#status.pointer,
    );
  }

  /** How many nodes the graph has. */
  get nodes(): number {
    return this.#nodes;
  }

  /** Adds an input of the step. */
  input(dtype: number, shape: number[]): SymbolicTensor {
    const output = this.#placeholder(dtype, shape);
    this.#inputs.push(output);
    return { recording: this, output, op: "input", dtype, shape };
  }

  /**
   * Adds a constant. A uniform one becomes a `Fill`, a large one a capture.
   */
  constant(
    dtype: number,
    shape: number[],
    values: HostValues,
  ): SymbolicTensor {
    if (this.#traced) {
      const first = String(values.slice(0, 4));
      this.trace.push(
        `a constant of shape [${shape}], ${first}… (checksum ${
          checksum(values)
        })`,
      );
    }
    const output = this.#constantOutput(dtype, shape, values);
    return { recording: this, output, op: "constant", dtype, shape };
  }

  /**
   * Adds an op.
   *
   * @param name The op, for example `Conv2D`.
   * @param attributes Those that do not follow from the inputs.
   * @param inputs Tensors by their number in the store.
   * @param outputCount How many tensors the op gives.
   * @throws {Error} If TensorFlow refuses the op, or cannot tell the shape of
   * an output before it runs.
   */
  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (readonly [number, StoredTensor])[],
    outputCount: number,
  ): SymbolicTensor[] {
    const { api } = this.#runtime;
    if (this.#traced) {
      this.trace.push(`${name} with ${JSON.stringify(attributes)}`);
    }
    const definition = this.#runtime.definitions.get(name);
    const outputs = inputs.map(([id, tensor]) => this.outputOf(id, tensor));
    const node = this.#begin(name);
    for (const group of groupInputs(definition, attributes, outputs)) {
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
    const operation = this.#finish(node, () => {
      const shapes = inputs.map(([, tensor]) => `[${tensor.shape}]`).join(", ");
      return `${name} on ${shapes || "no inputs"}`;
    });
    return Array.from({ length: outputCount }, (_, index) => ({
      recording: this,
      output: { operation, index },
      op: name,
      dtype: api.TF_OperationOutputType(operation, index),
      shape: this.#shapeOf(name, operation, index),
    }));
  }

  /**
   * The node that stands for a tensor: its own if this recording made it, else a
   * new argument of the function.
   *
   * @throws {Error} If another recording made it.
   */
  outputOf(id: number, tensor: StoredTensor): GraphOutput {
    if (isSymbolic(tensor)) {
      if (tensor.recording !== this) throw escaped(tensor);
      return tensor.output;
    }
    let placeholder = this.#captured.get(id);
    if (placeholder === undefined) {
      placeholder = this.#placeholder(tensor.dtype, tensor.shape);
      this.#captured.set(id, placeholder);
      const handle = this.#runtime.share(tensor.handle);
      this.captures.push({ placeholder, id, handle });
    }
    return placeholder;
  }

  /**
   * Turns the graph into a function and adds it to TensorFlow's context. Its
   * arguments are the inputs in the order they were added, then the captures.
   *
   * @param functionName Unique in the context, null-terminated.
   * @param outputs What the function gives.
   */
  toFunction(
    functionName: Uint8Array<ArrayBuffer>,
    outputs: readonly GraphOutput[],
  ): void {
    const { api, context } = this.#runtime;
    const status = this.#status;
    const inputs = [
      ...this.#inputs,
      ...this.captures.map((capture) => capture.placeholder),
    ];
    const seen = new Set(inputs);
    const distinct = outputs.map((output) => {
      const result = seen.has(output) ? this.#identity(output) : output;
      seen.add(output);
      return result;
    });
    const made = api.TF_GraphToFunction(
      this.#graph,
      functionName,
      0,
      -1,
      null,
      inputs.length,
      packOutputs(inputs),
      distinct.length,
      packOutputs(distinct),
      null,
      null,
      null,
      status.pointer,
    );
    status.check(`compile step '${this.step}'`);
    api.TFE_ContextAddFunction(context, made, status.pointer);
    api.TF_DeleteFunction(made);
    status.check(`compile step '${this.step}'`);
  }

  /** Frees the graph; what was made by `toFunction` stays. */
  close(): void {
    this.#runtime.api.TF_DeleteGraph(this.#graph);
    this.#status.delete();
  }

  /** Frees the handle of a capture. */
  release(capture: Capture): void {
    if (capture.handle !== null) this.#runtime.delete(capture.handle);
    capture.handle = null;
  }

  #constantOutput(
    dtype: number,
    shape: number[],
    values: HostValues,
  ): GraphOutput {
    if (dtype === TF.STRING) return this.#literal(dtype, shape, values);
    const view = values as Uint8Array;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    if (bytes.length <= LARGEST_SHARED_CONSTANT) {
      const key = `${dtype}|${shape}|${bytes}`;
      let output = this.#constants.get(key);
      if (output === undefined) {
        output = this.#literal(dtype, shape, values);
        this.#constants.set(key, output);
      }
      return output;
    }
    const width = elementBytes(dtype);
    if (isUniform(bytes, width)) {
      const { api } = this.#runtime;
      const dims = Int32Array.from(shape);
      const inputs = [
        this.#constantOutput(TF.INT32, [shape.length], dims),
        this.#constantOutput(dtype, [], bytes.slice(0, width)),
      ];
      const fill = this.#begin("Fill");
      for (const { operation, index } of inputs) {
        api.TF_AddInput(fill, operation, index);
      }
      const operation = this.#finish(fill, () => `Fill of [${shape}]`);
      return { operation, index: 0 };
    }
    if (bytes.length <= LARGEST_CONSTANT) {
      return this.#literal(dtype, shape, values);
    }
    const handle = this.#runtime.upload(dtype, shape, values);
    const placeholder = this.#placeholder(dtype, shape);
    this.captures.push({ placeholder, id: undefined, handle });
    return placeholder;
  }

  /** A `Const` node. */
  #literal(dtype: number, shape: number[], values: HostValues): GraphOutput {
    const { api } = this.#runtime;
    const tensor = toNative(api, dtype, shape, values);
    const node = this.#begin("Const");
    api.TF_SetAttrType(node, cString("dtype"), dtype);
    api.TF_SetAttrTensor(
      node,
      cString("value"),
      tensor,
      this.#status.pointer,
    );
    api.TF_DeleteTensor(tensor);
    const operation = this.#finish(node, () => `constant of [${shape}]`);
    return { operation, index: 0 };
  }

  #placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const { api } = this.#runtime;
    const node = this.#begin("Placeholder");
    api.TF_SetAttrType(node, cString("dtype"), dtype);
    const dims = new BigInt64Array(Math.max(shape.length, 1));
    shape.forEach((size, i) => dims[i] = BigInt(size));
    api.TF_SetAttrShape(node, cString("shape"), dims, shape.length);
    const operation = this.#finish(node, () => `input of [${shape}]`);
    return { operation, index: 0 };
  }

  #identity({ operation, index }: GraphOutput): GraphOutput {
    const node = this.#begin("Identity");
    this.#runtime.api.TF_AddInput(node, operation, index);
    return { operation: this.#finish(node, () => "Identity"), index: 0 };
  }

  #begin(op: string): Pointer {
    const { written } = encoder.encodeInto(
      `${op}_${this.#nodes++}\0`,
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
      this.#status.check(`record ${what()} in step '${this.step}'`);
    }
    return operation!;
  }

  #shapeOf(name: string, operation: Pointer, index: number): number[] {
    const { api } = this.#runtime;
    const [graph, status] = [this.#graph, this.#status];
    const rank = api.TF_GraphGetTensorNumDims(
      graph,
      operation,
      index,
      status.pointer,
    );
    if (rank > 0) {
      api.TF_GraphGetTensorShape(
        graph,
        operation,
        index,
        this.#dims,
        rank,
        status.pointer,
      );
    }
    const shape: number[] = [];
    for (let i = 0; i < rank; i++) shape.push(Number(this.#dims[i]));
    if (rank < 0 || shape.includes(-1)) {
      if (WORKSPACES[name] === index) return [0];
      throw new Error(
        `Cannot record ${name} in step '${this.step}': the shape of its output ` +
          `depends on values, which are not there while a step is recorded. ` +
          `Use an op whose output has a fixed shape, or run it outside`,
      );
    }
    return shape;
  }
}

const encoder = new TextEncoder();

/** The error for a symbolic tensor used where a value is needed. */
export function escaped(tensor: SymbolicTensor): Error {
  return new Error(
    `Cannot use tensor: it was made by ${tensor.op} with shape ` +
      `[${tensor.shape}] while step '${tensor.recording.step}' was recorded, ` +
      `and has no values outside of it. Return it from the step instead`,
  );
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

/** A number that differs, most likely, where values differ. */
function checksum(values: HostValues): number {
  let sum = 0x811c9dc5; // FNV-1a
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  };
  if (ArrayBuffer.isView(values)) {
    add(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else values.forEach(add);
  return sum >>> 0;
}

/** Whether all elements of `width` bytes are the same, bit for bit. */
function isUniform(bytes: Uint8Array, width: number): boolean {
  const aligned = bytes.byteOffset % 4 === 0 && width % 4 === 0;
  const units = aligned
    ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : bytes;
  const period = aligned ? width / 4 : width;
  for (let i = period; i < units.length; i++) {
    if (units[i] !== units[i - period]) return false;
  }
  return true;
}
