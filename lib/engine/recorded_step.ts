import * as tf from "@tensorflow/tfjs-core";
import type { Pointer } from "./c_api.ts";
import { callStep } from "./call_step.ts";
import { collectKept } from "./kept_tensors.ts";
import { type Capture, Recording, type RecordingOptions } from "./recording.ts";
import type { ContextFunction } from "./renewal.ts";
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
  /** What was recorded, node by node, if asked for. */
  readonly trace: readonly string[];
  readonly #step: string;
  readonly #session: Session;
  readonly #backend: TensorflowBackend;
  readonly functionName: Uint8Array<ArrayBuffer>;
  readonly #recording: Recording;
  readonly #inputNames: string[];
  readonly #outputNames: string[];
  /** The variable of each capture; undefined where the value never changes. */
  readonly #captured: (tf.Variable | undefined)[];
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
      this.#captured = recording.captures.map((capture) => {
        const { id } = capture;
        const variable = id === undefined ? undefined : state.byId.get(id);
        if (variable !== undefined) recording.release(capture); // it changes
        return variable;
      });
      this.functionName = new TextEncoder().encode(
        `${name.replaceAll(/\W/g, "_")}_${counter++}\0`,
      );
      recording.toFunction(this.functionName, outputs.graphOutputs);
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
        const stored = this.#session.tensors.get(id);
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
    const native = (tensor: tf.Tensor) =>
      session.native(this.#backend.idOf(tensor)).handle;
    const handles = this.#inputNames.map((name) => native(inputs[name]));
    this.#recording.captures.forEach((capture, i) => {
      const variable = this.#captured[i];
      if (variable?.isDisposed) {
        throw new Error(
          `Cannot run step '${this.#step}': its variable '${variable.name}' was ` +
            `disposed. Dispose the step with its variables, and compile it anew`,
        );
      }
      handles.push(variable === undefined ? capture.handle! : native(variable));
    });
    const results = await session.runtime.executeFunction(
      this.functionName,
      session.functionConfig,
      handles,
      this.#outputNames.length + this.#assigned.length,
      `run step '${this.#step}'`,
    );
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

  /** The captures that the step owns. */
  holders(): { handle: Pointer }[] {
    return this.#recording.captures
      .filter((c): c is Capture & { handle: Pointer } => c.handle !== null);
  }

  /** Frees the function. No call may be using it. */
  dispose(): void {
    if (!this.#session.steps.free(this)) return; // its engine closed
    this.#recording.releaseAll();
    this.#session.runtime.removeFunction(this.functionName);
  }
}
