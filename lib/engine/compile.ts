import * as tf from "@tensorflow/tfjs-core";
import { availablePrecision, warnOnce } from "./bfloat16_support.ts";
import { refuseNested, requireNamedTensors } from "./call_step.ts";
import { refuseClosed } from "./closed_engine.ts";
import type {
  CompiledStep,
  CompileOptions,
  Precision,
} from "./compile_options.ts";
import { runPlain } from "./plain_step.ts";
import { RecordedStep } from "./recorded_step.ts";
import { currentSession, type Session } from "./session.ts";
import { hold, signature } from "./step_inputs.ts";
import { activeBackend } from "./tensorflow_backend.ts";

/**
 * Makes a training or inference step fast: it is recorded once, without running
 * it, and from then on replayed as one function of TensorFlow, off the main
 * thread, so that timers, progress and a stop signal are served meanwhile.
 *
 * Use it for whatever runs many times on inputs of the same shapes: forward pass,
 * losses, gradients, optimizer and running statistics together. The counterpart of
 * TensorFlow's `tf.function`.
 *
 * The step is any function of tensors with these rules:
 *
 * - What changes from call to call is an input or a `tf.Variable`. Numbers, and
 *   tensors older than the recording, keep the value they had then; a random
 *   number drawn on the host would be the same in every call.
 * - Variables are made before, and used and assigned to freely; the call leaves
 *   their new values in them. Don't assign to them elsewhere during a call. What
 *   follows from variables alone that the step does not assign, such as a frozen
 *   network's weights in bfloat16, is kept until one of them changes.
 * - No values are read inside (`dataSync`, `arraySync`, `print`): there are none
 *   while recording. What the caller wants to know, the step returns.
 * - Shapes follow from the shapes of the inputs.
 * - It is not async, and calls no other compiled step.
 *
 * Each signature, that is names, types and shapes of the inputs, is recorded for
 * itself. Recording blocks (about 0.1 ms per op); `onRecord` announces it. Calls
 * run one after another in the order they were made, also those of different
 * steps. The caller keeps its inputs and may dispose them, or change the arrays
 * they were made of, right after the call; the outputs are the caller's.
 *
 * On backends other than TensorFlow the step runs as it is, in `tf.tidy`, with
 * inputs and outputs treated the same.
 *
 * @param step Takes tensors by name, returns tensors by name.
 * @param options See {@link CompileOptions}.
 * @returns The compiled step.
 * @throws {RangeError} If `signatures` is not a positive whole number, or the
 * precision is unknown. A call within another compiled step throws; else it rejects
 * with an {@link Error} that names the op and the step's line where it cannot be
 * recorded, with a {@link TypeError} where inputs or outputs are not tensors, and
 * with TensorFlow's own message where a replay fails.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { compile, openEngine } from "ldlab/engine/mod.ts";
 *
 * await openEngine();
 * const weight = tf.variable(tf.scalar(1));
 * const train = compile(({ x, rate }: { x: tf.Scalar; rate: tf.Scalar }) => {
 *   const { value: loss, grads } = tf.variableGrads(
 *     () => tf.square(tf.sub(tf.mul(weight, 3), x)) as tf.Scalar,
 *     [weight],
 *   );
 *   weight.assign(tf.sub(weight, tf.mul(rate, grads[weight.name])) as tf.Scalar);
 *   return { loss };
 * });
 *
 * const inputs = { x: tf.scalar(6), rate: tf.scalar(0.05) };
 * for (let i = 0; i < 10; i++) {
 *   const { loss } = await train(inputs);
 *   loss.dispose();
 * }
 * assert.ok(Math.abs((await weight.data())[0] - 2) < 1e-6);
 *
 * train.dispose();
 * tf.dispose([inputs, weight]);
 * ```
 */
export function compile<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
>(
  step: (inputs: I) => O,
  options: CompileOptions = {},
): CompiledStep<I, O> {
  const name = options.name ?? (step.name || "step");
  const { signatures: limit = 8, check = false, onRecord } = options;
  const { precision = "float32", xla = false, onNotice } = options;
  if (!(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError(
      `Cannot compile step '${name}': signatures must be a positive whole ` +
        `number: current value is ${limit}`,
    );
  }
  if (precision !== "float32" && precision !== "bfloat16") {
    throw new RangeError(
      `Cannot compile step '${name}': precision must be float32 or bfloat16: ` +
        `current value is '${precision}'`,
    );
  }
  const statistics = {
    recordings: 0,
    nodes: 0,
    replays: 0,
    ...xla ? { xlaSeconds: 0 } : undefined,
  };
  const recorded = new Map<string, RecordedStep>();
  let taken: Precision = precision;
  let takenFor: Session | null | undefined;
  const choosePrecision = (session: Session | null) => {
    if (session === takenFor) return;
    takenFor = session;
    const missing = session === null
      ? `it needs TensorFlow, and the engine runs on ${tf.getBackend()}`
      : session.missingForBfloat16;
    taken = availablePrecision(precision, missing, onNotice);
  };

  const record = (session: Session, inputs: I): RecordedStep => {
    const once = () =>
      new RecordedStep(
        session,
        name,
        (symbolic) => step(symbolic as I),
        inputs,
        { traced: check, precision: taken, xla },
      );
    const entry = once();
    if (check) {
      const again = once();
      again.dispose();
      const difference = firstDifference(entry.trace, again.trace);
      if (difference !== undefined) {
        entry.dispose();
        throw new Error(
          `Cannot record step '${name}': ${difference}. Every replay would ` +
            `repeat it; make it an input of the step`,
        );
      }
    }
    return entry;
  };

  const noteXla = (seconds: number) => {
    statistics.xlaSeconds = (statistics.xlaSeconds ?? 0) + seconds;
    (onNotice ?? warnOnce)(
      `XLA compiled step '${name}' in ${seconds.toFixed(1)} s`,
    );
  };

  const lookUp = async (session: Session, inputs: I): Promise<RecordedStep> => {
    const key = signature(inputs);
    let entry = recorded.get(key);
    if (entry === undefined) {
      await onRecord?.(name);
      entry = record(session, inputs);
      statistics.recordings++;
      statistics.nodes = entry.nodes;
    }
    // Insertion order is the order of use.
    recorded.delete(key);
    recorded.set(key, entry);
    if (recorded.size > limit) {
      const [oldest, evicted] = recorded.entries().next().value!;
      recorded.delete(oldest);
      evicted.dispose();
    }
    return entry;
  };

  let usedSession: Session | null = null;
  const call = async (inputs: I): Promise<O> => {
    refuseClosed(`run step '${name}'`);
    requireNamedTensors(inputs, `Cannot run step '${name}': inputs`);
    const session = tf.getBackend() === "tensorflow" ? currentSession() : null;
    // The step's turn may come later; until then the inputs are held.
    const held = hold(inputs, session && activeBackend());
    try {
      choosePrecision(session);
      if (session === null) return await runPlain(name, step, held);
      if (usedSession !== session) recorded.clear(); // the former engine was closed
      usedSession = session;
      return await session.inTurn(async () => {
        const entry = await lookUp(session, held);
        const start = performance.now();
        const first = !entry.ran;
        const outputs = await entry.replay(held);
        if (xla && first) noteXla((performance.now() - start) / 1000);
        statistics.replays++;
        return outputs as O;
      });
    } finally {
      tf.dispose(held);
    }
  };
  const run = (inputs: I): Promise<O> => {
    refuseNested(name);
    return call(inputs);
  };

  const dispose = () => {
    usedSession?.afterJobs(() => {
      for (const entry of recorded.values()) entry.dispose();
      recorded.clear();
    });
  };
  return Object.assign(run, { statistics, dispose });
}

/** What two recordings of one step differ in. */
function firstDifference(
  one: readonly string[],
  other: readonly string[],
): string | undefined {
  const length = Math.max(one.length, other.length);
  for (let i = 0; i < length; i++) {
    if (one[i] !== other[i]) {
      return `recorded twice it is not the same, first ${
        one[i] ?? "nothing"
      }, then ${other[i] ?? "nothing"}`;
    }
  }
}
