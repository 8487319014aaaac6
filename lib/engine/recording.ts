import { Bfloat16Graph } from "./bfloat16_graph.ts";
import type { Pointer } from "./c_api.ts";
import type { Precision } from "./compile_options.ts";
import { checksum } from "./constant_values.ts";
import { divideGraph, type GraphPart } from "./divide_graph.ts";
import { Graph, type GraphOutput } from "./graph.ts";
import { GraphConstants } from "./graph_constants.ts";
import type { HostValues } from "./host_values.ts";
import type { OpAttribute } from "./op_attributes.ts";
import type { Runtime } from "./runtime.ts";
import { type CallSite, callSite } from "./source_line.ts";
import { escaped, isSymbolic } from "./tensor_store.ts";
import type { StoredTensor, SymbolicTensor } from "./tensor_store.ts";
import { replaceForXla } from "./xla_ops.ts";

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

/** What the functions made from a recording take besides its inputs. */
export interface RecordedFunctions {
  readonly captures: readonly Capture[];
  /** Of the function for what seldom changes. */
  readonly lasting?: {
    readonly captures: readonly Capture[];
    /** How many tensors it gives. */
    readonly results: number;
  };
}

/** How a step is recorded. */
export interface RecordingOptions {
  /** Whether to keep a trace of what was recorded. */
  readonly traced: boolean;
  /** What convolutions and matrix products compute in. */
  readonly precision: Precision;
  /** Whether XLA will compile it. */
  readonly xla: boolean;
  /**
   * Whether to keep for each tensor the line that made it, which takes longer
   * than the recording itself.
   */
  readonly located?: boolean;
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
  readonly #located: boolean;
  readonly #xla: boolean;
  readonly #runtime: Runtime;
  readonly #graph: Graph;
  readonly #inputs: GraphOutput[] = [];
  readonly #captured = new Map<number, GraphOutput>();
  readonly #constants: GraphConstants;

  /**
   * @param runtime Where the step will run.
   * @param step The step's name.
   * @param options See {@link RecordingOptions}.
   */
  constructor(
    runtime: Runtime,
    step: string,
    { traced, precision, xla, located = false }: RecordingOptions,
  ) {
    this.step = step;
    this.#traced = traced;
    this.#located = located;
    this.#xla = xla;
    this.#runtime = runtime;
    const GraphClass = precision === "bfloat16" ? Bfloat16Graph : Graph;
    this.#graph = new GraphClass(runtime, `step '${step}'`);
    const capture = (dtype: number, shape: number[], values: HostValues) => {
      const handle = runtime.upload(dtype, shape, values);
      const placeholder = this.#graph.placeholder(dtype, shape);
      this.captures.push({ placeholder, id: undefined, handle });
      return placeholder;
    };
    this.#constants = new GraphConstants(this.#graph, capture);
  }

  /** How many nodes the graph has. */
  get nodes(): number {
    return this.#graph.count;
  }

  /** Adds an input of the step. */
  input(dtype: number, shape: number[]): SymbolicTensor {
    const output = this.#graph.placeholder(dtype, shape);
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
    const output = this.#constants.add(dtype, shape, values);
    const site = this.#site();
    return { recording: this, output, op: "constant", dtype, shape, site };
  }

  /**
   * Adds an op.
   *
   * @param name The op, for example `Conv2D`.
   * @param attributes Those that do not follow from the inputs.
   * @param inputs Tensors by their number in the store.
   * @param outputCount How many tensors the op gives.
   * @throws {Error} If the op has a state of its own, or TensorFlow refuses it or
   * cannot tell the shape of an output before it runs.
   */
  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (readonly [number, StoredTensor])[],
    outputCount: number,
  ): SymbolicTensor[] {
    if (this.#traced) {
      this.trace.push(`${name} with ${JSON.stringify(attributes)}`);
    }
    if (this.#runtime.definitions.get(name).stateful) {
      throw new Error(
        `Cannot record ${name} in step '${this.step}': what it gives depends ` +
          `on more than its inputs. Draw random numbers by a stateless op ` +
          `whose seed is an input of the step, or run it outside`,
      );
    }
    const outputs = inputs.map(([id, tensor]) => this.outputOf(id, tensor));
    const shapes = inputs.map(([, { shape }]) => shape);
    const added = this.#graph.add(
      name,
      attributes,
      outputs,
      outputCount,
      () => {
        const each = shapes.map((shape) => `[${shape}]`).join(", ");
        return `${name} on ${each || "no inputs"}`;
      },
    );
    if (this.#xla) {
      added[0] = replaceForXla(
        { graph: this.#graph, ints: (values) => this.#constants.ints(values) },
        name,
        attributes,
        outputs,
        shapes[0],
        added[0],
      );
    }
    return added.map(({ output, dtype, shape }, i) => {
      if (shape === null && WORKSPACES[name] !== i) {
        throw new Error(
          `Cannot record ${name} in step '${this.step}': the shape of its ` +
            `output depends on values, which are not there while a step is ` +
            `recorded. Use an op whose output has a fixed shape, or run it ` +
            `outside`,
        );
      }
      return {
        recording: this,
        output,
        op: name,
        dtype,
        shape: shape ?? [0],
        site: this.#site(),
      };
    });
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
      placeholder = this.#graph.placeholder(tensor.dtype, tensor.shape);
      this.#captured.set(id, placeholder);
      const handle = this.#runtime.share(tensor.handle);
      this.captures.push({ placeholder, id, handle });
    }
    return placeholder;
  }

  /**
   * Makes functions of TensorFlow's context from the graph: one for every run,
   * and one for what follows from lasting captures alone, if anything does. The
   * arguments of the first are the inputs in the order they were added, its
   * captures, then the results of the second; of the second, its captures.
   *
   * @param functionName Unique in the context, null-terminated.
   * @param lastingName The name of the second.
   * @param outputs What the first function gives.
   * @param assigned Captures that each run gives a new value.
   */
  toFunctions(
    functionName: Uint8Array<ArrayBuffer>,
    lastingName: Uint8Array<ArrayBuffer>,
    outputs: readonly GraphOutput[],
    assigned: ReadonlySet<Capture>,
  ): RecordedFunctions {
    const graph = this.#graph;
    const results = graph.results(outputs);
    const placeholders = (captures: readonly Capture[]) =>
      captures.map(({ placeholder }) => placeholder);
    const changing = this.captures.filter((capture) => assigned.has(capture));
    const { rest, lasting } = divideGraph(
      graph.nodes,
      [...this.#inputs, ...placeholders(changing)],
      placeholders(this.captures.filter((capture) => !assigned.has(capture))),
      results,
    );
    const usedBy = ({ uses }: GraphPart) =>
      this.captures.filter(({ placeholder }) => uses.has(placeholder));
    const captures = usedBy(rest);
    const inputs = [
      ...this.#inputs,
      ...placeholders(captures),
      ...lasting.outputs,
    ];
    graph.toFunction(functionName, rest.operations, inputs, results);
    if (lasting.outputs.length === 0) return { captures };
    const early = usedBy(lasting);
    graph.toFunction(
      lastingName,
      lasting.operations,
      placeholders(early),
      lasting.outputs,
    );
    return {
      captures,
      lasting: { captures: early, results: lasting.outputs.length },
    };
  }

  /** Frees the graph; what was made by `toFunctions` stays. */
  close(): void {
    this.#graph.close();
  }

  /** Frees the handle of a capture. */
  release(capture: Capture): void {
    if (capture.handle !== null) this.#runtime.delete(capture.handle);
    capture.handle = null;
  }

  /** Frees the handles of all captures. */
  releaseAll(): void {
    for (const capture of this.captures) this.release(capture);
  }

  #site(): CallSite | undefined {
    return this.#located ? callSite() : undefined;
  }
}
