import * as tf from "@tensorflow/tfjs-core";
import { RecordedStep } from "./recorded_step.ts";
import { currentSession, type Session } from "./session.ts";

/** A step that {@link compile} made fast. Call it like the step, and await it. */
export interface CompiledStep<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
> {
  (inputs: I): Promise<O>;
  readonly statistics: CompileStatistics;
  /** Frees what was recorded. The step can still be called; it records anew. */
  dispose(): void;
}

/** What a compiled step did so far. */
export interface CompileStatistics {
  /** How often the step was recorded. */
  readonly recordings: number;
  /** Nodes of the graph recorded last. */
  readonly nodes: number;
  /** How often a recorded step ran. */
  readonly replays: number;
}

/** Options of {@link compile}. */
export interface CompileOptions {
  /** Named in errors. Default: the function's name. */
  name?: string;
  /**
   * How many signatures to keep recorded, at least 1; the one not used for
   * longest goes first. Default: 8.
   */
  signatures?: number;
}

export function compile<
  I extends tf.NamedTensorMap,
  O extends tf.NamedTensorMap,
>(
  step: (inputs: I) => O,
  options: CompileOptions = {},
): CompiledStep<I, O> {
  const name = options.name ?? (step.name || "step");
  const limit = options.signatures ?? 8;
  if (!(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError(
      `Cannot compile step '${name}': signatures must be a positive whole ` +
        `number: current value is ${limit}`,
    );
  }
  const statistics = { recordings: 0, nodes: 0, replays: 0 };
  const recorded = new Map<string, RecordedStep>();

  const dispose = () => {
    for (const entry of recorded.values()) entry.dispose();
    recorded.clear();
  };

  const lookUp = (session: Session, inputs: I): RecordedStep => {
    const key = signature(inputs);
    let entry = recorded.get(key);
    if (entry === undefined) {
      entry = new RecordedStep(
        session,
        name,
        (symbolic) => step(symbolic as I),
        inputs,
      );
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
  const run = async (inputs: I): Promise<O> => {
    const session = currentSession();
    if (session === null) return tf.tidy(() => step(inputs));
    if (session.recording !== null) {
      throw new Error(
        `Cannot record step '${session.recording.step}': it calls the compiled ` +
          `step '${name}'. Call the plain function instead`,
      );
    }
    if (usedSession !== session) recorded.clear(); // the former engine was closed
    usedSession = session;
    // The step's turn may come later; until then the inputs are held.
    const held = {} as I;
    for (const key of Object.keys(inputs) as (keyof I)[]) {
      held[key] = tf.keep(tf.clone(inputs[key]));
    }
    try {
      return await session.inTurn(async () => {
        const entry = lookUp(session, held);
        const outputs = await entry.replay(held);
        statistics.replays++;
        return outputs as O;
      });
    } finally {
      tf.dispose(held);
    }
  };
  return Object.assign(run, { statistics, dispose });
}

/** Names, types and shapes of the inputs. */
function signature(inputs: tf.NamedTensorMap): string {
  return Object.keys(inputs)
    .map((name) => `${name}:${inputs[name].dtype}[${inputs[name].shape}]`)
    .join();
}
