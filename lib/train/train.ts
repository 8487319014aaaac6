import { setImmediate } from "node:timers/promises";
import type * as tf from "@tensorflow/tfjs-core";
import { firstDifference, type Json } from "./canonical_json.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { LoadedCheckpoint } from "./checkpoint.ts";
import { checkFinite } from "./finite_terms.ts";
import { measurePace } from "./pace.ts";
import { measureWait } from "./wait.ts";
import type { Schedule } from "./schedules.ts";
import { readState, restoreState } from "./state.ts";

/** What a loop needs to know of a batch; the rest is the step's affair. */
export interface TrainBatch {
  /** One per image. */
  readonly ids: readonly string[];
  /** The epoch it belongs to, from 0. */
  readonly epoch: number;
  /** Its place in the epoch, from 0. */
  readonly index: number;
}

/** One update of a network. */
export interface TrainStep<B extends TrainBatch> {
  /**
   * Takes one step.
   *
   * @returns Every loss term by itself, their total and the gradient norm, and
   * whatever else is worth reporting; all must be finite.
   */
  run(batch: B, learningRate: number): Promise<Record<string, number>>;
  /** Every variable that a step changes: what a checkpoint holds. */
  readonly state: ReadonlyMap<string, tf.Variable>;
}

/** How a run stands after a step. */
export interface Progress {
  /** Steps done, those before a resume included. */
  readonly iteration: number;
  readonly total: number;
  /** Epoch of the batch just seen, from 0. */
  readonly epoch: number;
  /** What the step returned. */
  readonly terms: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Of this sitting. */
  readonly imagesPerSecond: number;
}

/** Where and when a run is written down. */
export interface CheckpointOptions {
  /** This run's own folder. */
  readonly folder: string;
  /** Iterations between two checkpoints; one more is written at the end. */
  readonly every: number;
  /**
   * Seconds between two checkpoints at most, but for the step that goes on then:
   * what a killed run loses where iterations are long; no bound unless given.
   */
  readonly everySeconds?: number;
  /** The run's seeds, by what they are for. */
  readonly seeds: Readonly<Record<string, number>>;
  /** The run's whole configuration: a run resumes only with an equal one. */
  readonly config: Json;
  /** What `loadCheckpoint` finds in the folder, where the caller has looked. */
  readonly found?: LoadedCheckpoint;
}

/** What {@linkcode train} needs. */
export interface TrainOptions<B extends TrainBatch> {
  readonly step: TrainStep<B>;
  /**
   * Batches from a given place on, epoch after epoch, at least to the last
   * iteration: `(start) => createLoader({ ...options, start })`.
   */
  readonly loader: (
    start: { epoch: number; index: number },
  ) => AsyncIterable<B>;
  readonly schedule: Schedule;
  readonly totalIterations: number;
  readonly checkpoints?: CheckpointOptions;
  /** Polled every step; aborting it ends the run with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Told after each step, before its checkpoint; awaited. */
  readonly onProgress?: (progress: Progress) => unknown;
  /** Told before the first step what was found, as that a checkpoint is damaged. */
  readonly onNotice?: (message: string) => void;
}

/** How a run ended. */
export interface TrainResult {
  /** Steps done in all. */
  readonly iteration: number;
  /** Whether the signal ended the run before its last iteration. */
  readonly stopped: boolean;
  /** The iteration that this call went on from, 0 for a fresh run. */
  readonly resumedFrom: number;
  /** Path of the last checkpoint, where checkpoints are written. */
  readonly checkpoint?: string;
  /**
   * What the run took, from call to return, over all its sittings; of one that
   * was killed, up to its last checkpoint.
   */
  readonly seconds: number;
  /**
   * Share of this sitting's time, from asking for the first batch on, in which
   * the step was ready and its batch was not, 0 to 1: near 0 where the loader
   * keeps up. Undefined where no step was taken.
   */
  readonly waitShare?: number;
}

/**
 * Trains: takes batches, runs the step at the scheduled rate, reports, writes
 * checkpoints. A run whose folder holds a checkpoint goes on from it, and ends
 * where an undisturbed run ends, bit by bit if the step's arithmetic is
 * reproducible (TensorFlow on the CPU with one thread, and pure JavaScript).
 *
 * @param options See {@linkcode TrainOptions}.
 * @returns How the run ended. The weights are in the step's variables.
 * @throws {DivergenceError} If a term is NaN or infinite: names the term, the
 * iteration and the images; the last checkpoint stays.
 * @throws {RangeError} If the folder's checkpoint is of another configuration:
 * names the first difference.
 * @throws {TypeError} If the checkpoint is of another architecture.
 * @throws {SyntaxError} If the folder has checkpoints but none is whole.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { train } from "ldlab/train/train.ts";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.scalar(0)); // is to become 3
 * const step = {
 *   state: new Map([["weight", weight]]),
 *   run: async (_batch: unknown, learningRate: number) => {
 *     const error = (await weight.data())[0] - 3;
 *     weight.assign(tf.sub(weight, 2 * error * learningRate));
 *     return { total: error ** 2 };
 *   },
 * };
 * async function* loader(start: { epoch: number; index: number }) {
 *   for (let epoch = start.epoch;; epoch++) {
 *     yield { ids: ["a", "b"], epoch, index: 0 };
 *   }
 * }
 * const { iteration } = await train({
 *   step,
 *   loader,
 *   schedule: () => 0.25,
 *   totalIterations: 20,
 * });
 * assert.equal(iteration, 20);
 * assert.ok(Math.abs((await weight.data())[0] - 3) < 1e-4);
 * ```
 */
export async function train<B extends TrainBatch>(
  options: TrainOptions<B>,
): Promise<TrainResult> {
  const { step, schedule, totalIterations, checkpoints, signal } = options;
  checkCount("totalIterations", totalIterations);
  const { every = Infinity, everySeconds = Infinity } = checkpoints ?? {};
  for (const [name, value] of Object.entries({ every, everySeconds })) {
    if (value !== Infinity) checkCount(`checkpoints.${name}`, value);
  }

  const from = performance.now();
  const found = checkpoints &&
    (checkpoints.found ?? await loadCheckpoint(checkpoints.folder));
  for (const notice of found?.notices ?? []) options.onNotice?.(notice);
  if (found) resume(found, checkpoints, step.state);
  const earlier = found?.checkpoint.seconds ?? 0;
  const seconds = () => earlier + (performance.now() - from) / 1000;
  const start = found?.checkpoint.position ??
    { iteration: 0, epoch: 0, index: 0 };
  let written = found?.path;
  let writtenAt = from;
  let iteration = start.iteration;

  const write = async (next: { epoch: number; index: number }) => {
    if (!checkpoints) return;
    const { folder, seeds, config } = checkpoints;
    written = await saveCheckpoint(folder, {
      tensors: await readState(step.state),
      position: { iteration, epoch: next.epoch, index: next.index },
      seeds,
      seconds: seconds(),
      config,
    });
    writtenAt = performance.now();
  };

  const result = (stopped: boolean, waitShare?: number): TrainResult => ({
    iteration,
    stopped,
    resumedFrom: start.iteration,
    checkpoint: written,
    seconds: seconds(),
    waitShare,
  });
  if (iteration >= totalIterations) return result(false);
  if (signal?.aborted) return result(true);

  const wait = measureWait();
  const batches = options.loader(start)[Symbol.asyncIterator]();
  // One batch is asked for ahead, so that it is prepared during the step.
  const ask = () => {
    const answer = batches.next();
    answer.catch(() => {}); // reported where it is awaited, if ever
    return answer;
  };
  try {
    const pace = measurePace();
    let coming = ask();
    let batch = taken(await wait.on(coming), iteration);
    while (true) {
      coming = ask();
      const learningRate = schedule(iteration);
      const terms = await step.run(batch, learningRate);
      checkFinite(terms, { iteration, learningRate, ids: batch.ids, written });
      iteration++;
      const { epoch, ids } = batch;
      const ended = iteration >= totalIterations;
      if (!ended) batch = taken(await wait.on(coming), iteration);
      await options.onProgress?.({
        iteration,
        total: totalIterations,
        epoch,
        terms,
        learningRate,
        imagesPerSecond: pace.stepDone(ids.length),
      });
      // Timers, signals and servers get their turn even where a step is
      // synchronous.
      await setImmediate();
      if (ended) {
        await write({ epoch: batch.epoch, index: batch.index + 1 });
        return result(false, wait.share());
      }
      if (signal?.aborted) {
        await write(batch);
        return result(true, wait.share());
      }
      const late = performance.now() - writtenAt >= everySeconds * 1000;
      if (late || iteration % every === 0) await write(batch);
    }
  } finally {
    await batches.return?.();
  }
}

function resume(
  found: LoadedCheckpoint,
  { seeds, config, folder }: CheckpointOptions,
  state: ReadonlyMap<string, tf.Variable>,
): void {
  const { checkpoint, path } = found;
  const difference = firstDifference(config, checkpoint.config, "config") ??
    firstDifference(seeds, checkpoint.seeds, "seeds");
  if (difference) {
    throw new RangeError(
      `Cannot resume from ${path}: it was written by another run: ` +
        `${difference}. Use the same settings, another folder, or remove ` +
        `${folder}`,
    );
  }
  restoreState(state, checkpoint.tensors, path);
}

function taken<B>(answer: IteratorResult<B>, iteration: number): B {
  if (!answer.done) return answer.value;
  throw new RangeError(
    `Cannot go on training: the loader ended at iteration ${iteration}`,
  );
}

function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(
    `Cannot train: ${name} must be an integer above 0: current value is ${value}`,
  );
}
