/**
 * The learning rate of every iteration: a pure function, so that a resumed run
 * asks for iteration 137 and gets what an undisturbed run gets.
 *
 * @param iteration Iterations done before this one, from 0.
 * @returns The learning rate of this iteration.
 */
export type Schedule = (iteration: number) => number;

/**
 * The learning rate for a batch size by the linear rule of the published runs.
 *
 * `0.01 · batch / 16`: 16 images in a step train at 0.01, the 2 × 3 images of
 * the released configurations at 0.00375. The rule is for SGD.
 *
 * @param batch Images in one step on all devices together, above 0.
 * @returns The base learning rate.
 * @throws {RangeError} If the batch is not above 0.
 * @see HikariTJU/LD, README ("lr = 0.01 · (samples_per_gpu · num_gpu) / 16");
 * Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { publishedRate } from "ldlab/train/schedules.ts";
 *
 * assert.equal(publishedRate(16), 0.01);
 * assert.equal(publishedRate(6), 0.00375);
 * ```
 */
export function publishedRate(batch: number): number {
  if (!(batch > 0 && batch < Infinity)) {
    throw new RangeError(
      `Cannot choose a learning rate: batch must be above 0: current value is ` +
        batch,
    );
  }
  return 0.01 * batch / 16;
}

/**
 * A rate that falls by a factor at given iterations, as in the 1x schedule
 * (12 epochs, a tenth after 8 and 11).
 *
 * `base · factor^(milestones reached)`; a milestone is reached when as many
 * iterations are done.
 *
 * @param base The rate before the first milestone, above 0.
 * @param milestones Iterations, rising.
 * @param factor What a milestone multiplies the rate by, in (0, 1].
 * @returns A schedule.
 * @throws {RangeError} If a value is out of its range.
 * @see torch.optim.lr_scheduler.MultiStepLR; mmdetection, schedule_1x.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stepSchedule } from "ldlab/train/schedules.ts";
 *
 * const perEpoch = 100;
 * const rate = stepSchedule(0.01, [8 * perEpoch, 11 * perEpoch]);
 * assert.equal(rate(799), 0.01);
 * assert.equal(rate(800), 0.001);
 * ```
 */
export function stepSchedule(
  base: number,
  milestones: readonly number[],
  factor = 0.1,
): Schedule {
  checkBase(base);
  if (milestones.some((m, i) => i > 0 && !(m > milestones[i - 1]))) {
    throw new RangeError(
      `Cannot make a schedule: milestones must rise: current value is ` +
        `[${milestones}]`,
    );
  }
  if (!(factor > 0 && factor <= 1)) {
    throw new RangeError(
      `Cannot make a schedule: factor must be in (0, 1]: current value is ` +
        factor,
    );
  }
  return (iteration) =>
    base * factor ** milestones.filter((m) => iteration >= m).length;
}

/**
 * A rate that falls along half a cosine from the base to 0: for training from
 * scratch in a fixed number of iterations.
 *
 * `base · ½ · (1 + cos(π · iteration / total))`, and 0 from `total` on.
 *
 * @param base The rate of iteration 0, above 0.
 * @param total Iterations of the whole run, above 0.
 * @returns A schedule.
 * @throws {RangeError} If a value is out of its range.
 * @see Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5 with one period.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cosineSchedule } from "ldlab/train/schedules.ts";
 *
 * const rate = cosineSchedule(4e-3, 216);
 * assert.equal(rate(0), 4e-3);
 * assert.ok(Math.abs(rate(108) - 2e-3) < 1e-12);
 * assert.equal(rate(216), 0);
 * ```
 */
export function cosineSchedule(base: number, total: number): Schedule {
  checkBase(base);
  if (!(total > 0 && total < Infinity)) {
    throw new RangeError(
      `Cannot make a schedule: total must be above 0: current value is ${total}`,
    );
  }
  return (iteration) =>
    base * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, iteration / total)));
}

/** How {@linkcode linearWarmup} starts. */
export interface WarmupOptions {
  /** Iterations before the full rate is reached, above 0. */
  readonly iterations: number;
  /** Share of the rate at iteration 0, in (0, 1]. */
  readonly start: number;
}

/**
 * A schedule whose first iterations are scaled down, rising in a line: large
 * steps on fresh batch statistics and random heads throw a detector off.
 *
 * `schedule(it) · (start + (1 − start) · min(1, it / iterations))`. The
 * published runs warm up over 500 iterations from 0.001. `min(1, (it + 1) / 50)`
 * is the same as 49 iterations from 1/50.
 *
 * @param schedule What is scaled.
 * @param options See {@linkcode WarmupOptions}.
 * @returns A schedule.
 * @throws {RangeError} If a value is out of its range.
 * @see mmcv's `warmup="linear"` (LrUpdaterHook), whose formula this is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { linearWarmup, stepSchedule } from "ldlab/train/schedules.ts";
 *
 * const rate = linearWarmup(stepSchedule(0.01, []), {
 *   iterations: 500,
 *   start: 0.001,
 * });
 * assert.equal(rate(0), 0.01 * 0.001);
 * assert.equal(rate(500), 0.01);
 * ```
 */
export function linearWarmup(
  schedule: Schedule,
  { iterations, start }: WarmupOptions,
): Schedule {
  if (!(iterations > 0 && iterations < Infinity)) {
    throw new RangeError(
      `Cannot make a warm-up: iterations must be above 0: current value is ` +
        iterations,
    );
  }
  if (!(start > 0 && start <= 1)) {
    throw new RangeError(
      `Cannot make a warm-up: start must be in (0, 1]: current value is ${start}`,
    );
  }
  return (iteration) =>
    schedule(iteration) *
    (start + (1 - start) * Math.min(1, iteration / iterations));
}

function checkBase(base: number): void {
  if (!(base > 0 && base < Infinity)) {
    throw new RangeError(
      `Cannot make a schedule: the base rate must be above 0: current value is ` +
        base,
    );
  }
}
