import * as tf from "@tensorflow/tfjs-core";
import { noteClosed } from "./closed_engine.ts";
import { cardAsked, type DeviceName } from "./device.ts";
import type { BackendOptions, OpenedBackend } from "./opened_backend.ts";
import { openScript } from "./open_script.ts";
import { openTensorflow } from "./open_tensorflow.ts";
import { openWebgpu } from "./open_webgpu.ts";

/** Where tensors live. `cpu` is pure JavaScript. */
export type BackendName = "tensorflow" | "webgpu" | "cpu";

/** An open engine: tfjs runs on it. */
export interface Engine {
  /** Where tensors live. */
  readonly backend: BackendName;
  /** Where it computes: `cpu`, `gpu:0` and so on, or `webgpu`. */
  readonly device: DeviceName | "webgpu";
  /** What the card is called, where TensorFlow computes on one. */
  readonly card?: string;
  /**
   * Why this backend and device, and what of the ones before them was missing.
   */
  readonly reason: string;
  /** Version of TensorFlow, or of tfjs on other backends. */
  readonly version: string;
  /** Threads that work on one op. */
  readonly threads: number;
  /**
   * Counts what is alive: tensors of tfjs, native handles behind them, and the
   * bytes of the tensors.
   */
  memory(): { tensors: number; handles: number; bytes: number };
  /**
   * Frees the engine; its tensors and variables are not to be used any more.
   *
   * A step and reads that run are finished first; await that, or don't: the next
   * engine waits for it. Steps that wait for their turn are refused. Closing again
   * does nothing.
   */
  close(): Promise<void>;
}

/** How to open the engine. What is left out follows an engine that is open. */
export interface EngineOptions {
  /** `auto` takes the first of `tensorflow`, `webgpu`, `cpu` that is there. */
  backend?: BackendName | "auto";
  /**
   * Where TensorFlow computes: `auto` takes the first NVIDIA card if it can be
   * used, else the processor; `gpu:0` and so on is that card or an error that says
   * what is missing. Default: the environment variable `LDLAB_DEVICE`, else
   * `auto`.
   */
  device?: DeviceName | "auto";
  /**
   * Bytes of the card's memory that may be used, above 0. Within it, TensorFlow
   * takes more as it needs more, and keeps what it has. The first engine of a
   * process on a card sets it for the later ones. Default: all that is free.
   */
  memoryLimit?: number;
  /**
   * Whether cards from Ampere on may multiply float32 in TensorFloat-32: 10 bits
   * of mantissa in place of 23, and several times as fast. It holds for the
   * process. Default: true.
   */
  tf32?: boolean;
  /** Threads of TensorFlow; default: the processor's cores. */
  threads?: number;
  /**
   * How many of them may share one op; default: all. With 1, they still work on
   * different ops at once, and results have the same bits whatever the number of
   * cores. Training a small network is then faster, for its ops are too short to
   * share: by 14 % on two cores at the `small` scale. A large one is slower, by 5
   * to 12 % at 320 x 320, and a single image takes up to twice as long. TensorFlow
   * lets only the first engine of a process choose; a later one has what that has.
   */
  threadsPerOp?: number;
  /**
   * Whether TensorFlow may rewrite compiled steps to run faster. On two cores that
   * takes a second or two of a training step's first call, and saves about 4 % of
   * each call of a large step (ResNet-50 teacher, images of 320 x 320), nothing of
   * a small one. Off, a compiled step equals the plain one bit for bit, given one
   * thread and oneDNN off (environment variable `TF_ENABLE_ONEDNN_OPTS=0`, before
   * TensorFlow is loaded). Default: false.
   */
  optimize?: boolean;
}

const OPENERS: Record<
  BackendName,
  (options: BackendOptions) => Promise<OpenedBackend>
> = { tensorflow: openTensorflow, webgpu: openWebgpu, cpu: openScript };

let open: { options: EngineOptions; engine: Promise<Engine> } | null = null;
/** Settles when the engine closed last is gone. */
let closing: Promise<void> = Promise.resolve();

/**
 * Opens the place where tensors live and makes tfjs run on it: TensorFlow (on
 * CUDA or the CPU), else WebGPU, else pure JavaScript.
 *
 * Call it once at the start of a program or notebook. A second call returns the
 * same engine; with options that contradict it, it fails.
 *
 * @param options.backend Which backend; default `auto`.
 * @param options.device Where TensorFlow computes; default `LDLAB_DEVICE`, else
 * `auto`.
 * @param options.memoryLimit Bytes of the card's memory, above 0; default all.
 * @param options.tf32 Whether cards may multiply in TensorFloat-32; default true.
 * @param options.threads At least 1, a whole number.
 * @param options.threadsPerOp At least 1, a whole number; default all.
 * @param options.optimize Whether TensorFlow rewrites compiled steps; default
 * false.
 * @returns The engine. `reason` says which it is and why.
 * @throws {Error} If the named backend or card is missing (with what to install),
 * or another engine is open.
 * @throws {RangeError} If a number of threads or bytes is not a positive whole
 * number, or there is no such kind of device.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { openEngine } from "ldlab/engine/mod.ts";
 *
 * const engine = await openEngine();
 * assert.equal(engine, await openEngine());
 *
 * const sum = tf.add([1, 2], [3, 4]);
 * assert.deepEqual(await sum.array(), [4, 6]);
 * sum.dispose();
 * ```
 */
export function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const counts = ["threads", "threadsPerOp", "memoryLimit"] as const;
  for (const name of counts) {
    const count = options[name];
    if (count === undefined || (Number.isInteger(count) && count > 0)) continue;
    return Promise.reject(
      new RangeError(
        `Cannot open engine: ${name} must be a positive whole number: ` +
          `current value is ${count}`,
      ),
    );
  }
  if (open === null) {
    const forget = () => {
      if (open === opening) open = null;
    };
    const opening = { options, engine: start(options, forget) };
    opening.engine.catch(forget);
    open = opening;
    return opening.engine;
  }
  return reuse(open, options);
}

async function reuse(
  opened: { options: EngineOptions; engine: Promise<Engine> },
  options: EngineOptions,
): Promise<Engine> {
  const engine = await opened.engine;
  const { backend = "auto", device = "auto", threads, memoryLimit } = options;
  const switches = { optimize: false, tf32: true };
  const conflicts = [
    backend !== "auto" && backend !== engine.backend &&
    `backend '${backend}' was asked for, '${engine.backend}' is open`,
    device !== "auto" && device !== engine.device &&
    `device '${device}' was asked for, '${engine.device}' is open`,
    threads !== undefined && engine.backend === "tensorflow" &&
    threads !== engine.threads &&
    `${threads} threads were asked for, ${engine.threads} are open`,
    memoryLimit !== undefined && memoryLimit !== opened.options.memoryLimit &&
    `memoryLimit: ${memoryLimit} was asked for, ${
      opened.options.memoryLimit ?? "none"
    } is open`,
    ...(["optimize", "tf32"] as const).map((name) => {
      const asked = options[name];
      const current = opened.options[name] ?? switches[name];
      return asked !== undefined && asked !== current &&
        `${name}: ${asked} was asked for, ${current} is open`;
    }),
  ].filter(Boolean);
  if (conflicts.length > 0) {
    throw new Error(
      `Cannot open engine: ${conflicts.join("; ")}. Close the open one first`,
    );
  }
  return engine;
}

async function start(
  options: EngineOptions,
  forget: () => void,
): Promise<Engine> {
  await closing;
  const { backend = "auto", optimize = false, tf32 = true } = options;
  const { memoryLimit } = options;
  const threads = options.threads ?? navigator.hardwareConcurrency;
  const { threadsPerOp = threads } = options;
  const device = options.device ?? deviceOfEnvironment();
  const named = typeof cardAsked(device) === "number";
  const foreign = backend === "webgpu" || backend === "cpu";
  if (named && foreign && options.device !== undefined) {
    throw new RangeError(
      `Cannot open engine: device '${device}' is TensorFlow's, and backend ` +
        `'${backend}' was asked for. Leave one of them out`,
    );
  }
  const candidates: BackendName[] = backend !== "auto"
    ? [backend]
    : named
    ? ["tensorflow"]
    : ["tensorflow", "webgpu", "cpu"];
  const missing: string[] = [];
  for (const name of candidates) {
    const opener = OPENERS[name];
    if (opener === undefined) {
      throw new RangeError(
        `Cannot open engine: backend must be auto, tensorflow, webgpu or cpu: ` +
          `current value is '${name}'`,
      );
    }
    try {
      const opened = await opener({
        threads,
        threadsPerOp,
        optimize,
        device,
        memoryLimit,
        tf32,
      });
      return engineOf(name, opened, missing, forget);
    } catch (error) {
      // A wrong value is not a backend that is missing.
      if (candidates.length === 1 || error instanceof RangeError) throw error;
      missing.push((error as Error).message);
    }
  }
  throw new Error(`Cannot open engine: ${missing.join("; ")}`);
}

/** What `LDLAB_DEVICE` says, which is for all engines of a process. */
function deviceOfEnvironment(): DeviceName | "auto" {
  return (Deno.env.get("LDLAB_DEVICE") || "auto") as DeviceName | "auto";
}

function engineOf(
  backend: BackendName,
  opened: OpenedBackend,
  missing: readonly string[],
  forget: () => void,
): Engine {
  let closed: Promise<void> | undefined;
  noteClosed(false);
  return {
    backend,
    device: opened.device,
    card: opened.card,
    reason: [opened.description, ...missing].join(". "),
    version: opened.version,
    threads: opened.threads,
    memory() {
      const { numTensors: tensors, numBytes: bytes } = tf.memory();
      return { tensors, handles: opened.handles(), bytes };
    },
    close() {
      if (closed === undefined) {
        forget();
        noteClosed(true);
        closing = closed = opened.close();
      }
      return closed;
    },
  };
}
