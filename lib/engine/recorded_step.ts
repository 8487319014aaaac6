import * as tf from "@tensorflow/tfjs-core";
import type { Pointer } from "./c_api.ts";
import { callStep } from "./call_step.ts";
import { collectKept } from "./kept_tensors.ts";
import {
  type Capture,
  type RecordedFunctions,
  Recording,
  type RecordingOptions,
} from "./recording.ts";
import type { ContextFunction } from "./renewal.ts";
import type { NativeTensor } from "./native_tensor.ts";
import type { Session } from "./session.ts";
import { atLine } from "./source_line.ts";
import { StepState } from "./step_state.ts";
import { activeBackend, type TensorflowBackend } from "./tensorflow_backend.ts";
import { isSymbolic } from "./tensor_store.ts";
import type { GraphOutput } from "./graph.ts";

let counter = 0;

/** A step recorded for one signature of its inputs, as a TensorFlow function. */
export class RecordedStep implements ContextFunction {
  readonly nodes: number;
  /** Whether it ran before. */
  ran = false;
  /** What was recorded, node by node, if asked for. */
  readonly trace: readonly string[];
  readonly #step: string;
  readonly #xla: boolean;
  readonly #session: Session;
  readonly #backend: TensorflowBackend;
  readonly #functionName: Uint8Array<ArrayBuffer>;
  readonly #lastingName: Uint8Array<ArrayBuffer>;
  readonly #recording: Recording;
  readonly #inputNames: string[];
  readonly #outputNames: string[];
  readonly #functions: RecordedFunctions;
  /** The variables among the captures; the others never change. */
  readonly #variables = new Map<Capture, tf.Variable>();
  /** What follows from lasting captures alone, and from which values. */
  #lasting: { of: number[]; results: NativeTensor[] } = { of: [], results: [] };
  readonly #assigned: tf.Variable[];

  /**
   * Records a step. Blocks while it does; a recording cannot be interrupted.
   *
   * @param name The step's name, for errors.
   * @param step The step.
   * @param inputs Tensors of the signature to record for.
   * @param options See {@link RecordingOptions}.
   */
  constructor(
    session: Session,
    name: string,
    step: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
    inputs: tf.NamedTensorMap,
    options: RecordingOptions,
  ) {
    this.#session = session;
    this.#backend = activeBackend();
    this.#step = name;
    this.#xla = options.xla;
    this.#inputNames = Object.keys(inputs);
    const recording = new Recording(session.runtime, name, options);
    this.#recording = recording;
    this.trace = recording.trace;
    const kept: tf.Tensor[] = [];
    let start: StepState | undefined;
    try {
      const state = start = new StepState(this.#backend);
      session.recording = recording;
      const outputs = this.#record(step, inputs, state, kept);
      this.#outputNames = outputs.names;
      this.#assigned = outputs.assigned;
      for (const capture of recording.captures) {
        const { id } = capture;
        const variable = id === undefined ? undefined : state.byId.get(id);
        if (variable === undefined) continue;
        this.#variables.set(capture, variable);
        recording.release(capture); // it changes
      }
      const assigned = new Set(this.#assigned);
      const unique = `${name.replaceAll(/\W/g, "_")}_${counter++}`;
      this.#functionName = new TextEncoder().encode(`${unique}\0`);
      this.#lastingName = new TextEncoder().encode(`${unique}_lasting\0`);
      this.#functions = recording.toFunctions(
        this.#functionName,
        this.#lastingName,
        outputs.graphOutputs,
        new Set(
          recording.captures.filter((capture) => {
            const variable = this.#variables.get(capture);
            return variable !== undefined && assigned.has(variable);
          }),
        ),
      );
      this.nodes = recording.nodes;
    } catch (error) {
      recording.releaseAll();
      tf.dispose([kept, start?.made() ?? []]);
      throw error;
    } finally {
      session.recording = null;
      start?.restore();
      recording.close();
    }
    session.steps.functions.add(this);
    for (const tensor of session.tensors.madeBy(recording)) {
      this.dispose();
      tf.dispose(kept);
      // Recorded once more, it throws here and can say where the tensor was made.
      if (!options.located) {
        const located = { ...options, located: true };
        new RecordedStep(session, name, step, inputs, located).dispose();
      }
      throw new Error(
        `Cannot record step '${name}': it keeps a tensor of shape ` +
          `[${tensor.shape}] made by ${tensor.op}, which has no values outside ` +
          `of the step. Return it, or make it before` +
          atLine(tensor.site ?? {}),
      );
    }
  }

  #record(
    step: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
    inputs: tf.NamedTensorMap,
    state: StepState,
    kept: tf.Tensor[],
  ) {
    const backend = this.#backend;
    const result = {
      names: [] as string[],
      assigned: [] as tf.Variable[],
      graphOutputs: [] as GraphOutput[],
    };
    tf.tidy(() => {
      const symbolic: tf.NamedTensorMap = {};
      for (const [name, input] of Object.entries(inputs)) {
        symbolic[name] = this.#placeholder(input);
      }
      const outputs = collectKept(
        kept,
        () => callStep(this.#step, step, symbolic),
      );
      result.names = Object.keys(outputs);
      const offence = state.offence();
      if (offence !== undefined) {
        throw new Error(
          `Cannot record step '${this.#step}': it ${offence}. Make and dispose ` +
            `variables outside of the step`,
        );
      }
      result.assigned = state.assigned();
      for (const tensor of [...Object.values(outputs), ...result.assigned]) {
        const id = backend.idOf(tensor);
        const stored = this.#session.placed(id);
        result.graphOutputs.push(this.#recording.outputOf(id, stored));
      }
      // Outputs that the step kept for its caller are not its to dispose.
      tf.dispose(
        Object.values(outputs).filter((output) => this.#isSymbolic(output)),
      );
    });
    return result;
  }

  #isSymbolic(tensor: tf.Tensor): boolean {
    if (tensor.isDisposed || tensor instanceof tf.Variable) return false;
    return isSymbolic(this.#session.tensors.get(this.#backend.idOf(tensor)));
  }

  #placeholder(input: tf.Tensor): tf.Tensor {
    const { shape, dtype } = this.#session.tensors.get(
      this.#backend.idOf(input),
    );
    const id = this.#session.tensors.add(this.#recording.input(dtype, shape));
    return this.#backend.createOutputTensor({ id, dtype, shape });
  }

  /**
   * Runs the step.
   *
   * @param inputs Tensors of the signature it was recorded for.
   * @returns Its outputs; the variables it assigns to have their new values.
   */
  async replay(inputs: tf.NamedTensorMap): Promise<tf.NamedTensorMap> {
    const session = this.#session;
    if (session.runtime.remote) {
      const ids = this.#inputNames.map((name) =>
        this.#backend.idOf(inputs[name])
      );
      await session.place(ids);
    }
    const lasting = await this.#lastingResults();
    const handles = [
      ...this.#inputNames.map((name) => this.#native(inputs[name])),
      ...this.#functions.captures.map((capture) => this.#valueOf(capture)),
      ...lasting.map(({ handle }) => handle),
    ];
    const results = await session.runtime.executeFunction(
      {
        name: this.#functionName,
        config: session.functionConfig,
        xla: this.#xla,
        inputs: handles,
        outputs: this.#outputNames.length + this.#assigned.length,
      },
      `run step '${this.#step}'`,
    );
    this.ran = true;
    const tensors = results.map((result) => {
      const { dtype, shape } = result;
      return this.#backend.createOutputTensor({
        id: session.adopt(result),
        dtype,
        shape,
      });
    });
    this.#assigned.forEach((variable, i) => {
      const value = tensors[this.#outputNames.length + i];
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    });
    return Object.fromEntries(
      this.#outputNames.map((name, i) => [name, tensors[i]]),
    );
  }

  /** What follows from lasting captures, computed anew where one has changed. */
  async #lastingResults(): Promise<readonly NativeTensor[]> {
    const { lasting } = this.#functions;
    if (lasting === undefined) return [];
    const handles = lasting.captures.map((capture) => this.#valueOf(capture));
    const of = lasting.captures.map((capture) => {
      const variable = this.#variables.get(capture);
      return variable === undefined ? -1 : this.#backend.idOf(variable);
    });
    const known = this.#lasting;
    if (
      known.results.length > 0 && of.every((id, i) => id === known.of[i])
    ) return known.results;
    const results = await this.#session.runtime.executeFunction(
      {
        name: this.#lastingName,
        config: this.#session.functionConfig,
        xla: false, // it seldom runs
        inputs: handles,
        outputs: lasting.results,
      },
      `run step '${this.#step}'`,
    );
    this.#freeLasting();
    this.#lasting = { of, results };
    return results;
  }

  #freeLasting(): void {
    for (const { handle } of this.#lasting.results) {
      this.#session.runtime.delete(handle);
    }
    this.#lasting = { of: [], results: [] };
  }

  #native(tensor: tf.Tensor): Pointer {
    return this.#session.native(this.#backend.idOf(tensor)).handle;
  }

  #valueOf(capture: Capture): Pointer {
    const variable = this.#variables.get(capture);
    if (variable === undefined) return capture.handle!;
    if (variable.isDisposed) {
      throw new Error(
        `Cannot run step '${this.#step}': its variable '${variable.name}' was ` +
          `disposed. Dispose the step with its variables, and compile it anew`,
      );
    }
    return this.#native(variable);
  }

  /** The functions that the step has in the context. */
  get functionNames(): Uint8Array<ArrayBuffer>[] {
    return this.#functions.lasting === undefined
      ? [this.#functionName]
      : [this.#functionName, this.#lastingName];
  }

  /** The captures and results that the step owns. */
  holders(): { handle: Pointer }[] {
    return [
      ...this.#recording.captures
        .filter((c): c is Capture & { handle: Pointer } => c.handle !== null),
      ...this.#lasting.results,
    ];
  }

  /** Frees the function. No call may be using it. */
  dispose(): void {
    if (!this.#session.steps.free(this)) return; // its engine closed
    this.#recording.releaseAll();
    this.#freeLasting();
    for (const name of this.functionNames) {
      this.#session.runtime.removeFunction(name);
    }
  }
}
