import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { runId } from "../../experiments/config.ts";
import { runJobs } from "../../experiments/jobs.ts";
import { executeRun, type RunOptions } from "../../experiments/run.ts";
import { RunStore } from "../../experiments/store.ts";
import { readWeights } from "../../experiments/weights.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { tiny, TINY_STEPS } from "./tiny_config.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

async function inPlace(
  body: (place: {
    store: RunStore;
    execute: (options?: Partial<RunOptions>) => ReturnType<typeof executeRun>;
    steps: number[];
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const before = engine.memory();
  const steps: number[] = [];
  try {
    await body({
      store,
      steps,
      execute: (options) => {
        steps.length = 0;
        return executeRun(tiny, 0, {
          store,
          label: "tiny",
          weights: true,
          onProgress: ({ iteration }) => void steps.push(iteration),
          ...options,
        });
      },
    });
    assert.deepEqual(engine.memory(), before);
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const weightsIn = (store: RunStore) =>
  readWeights({ config: tiny, seed: 0, store });

Deno.test("executeRun() measures every so many epochs, which changes nothing else", () =>
  inPlace(async ({ store, execute, steps }) => {
    const plain = (await execute())!;
    assert.deepEqual(plain.evaluations, [
      { epoch: 4, metrics: plain.metrics },
    ]);
    const weights = await weightsIn(store);
    store.remove(plain.id);
    const measured = (await execute({ evaluateEvery: 3 }))!;
    assert.equal(measured.id, plain.id);
    assert.deepEqual(measured.epochs, plain.epochs);
    assert.deepEqual(measured.metrics, plain.metrics);
    assertSameTensors(await weightsIn(store), weights);
    const [third, last, ...rest] = measured.evaluations;
    assert.deepEqual([third.epoch, rest], [3, []]);
    assert.ok(third.metrics.ap >= 0);
    assert.deepEqual(last, plain.evaluations[0]);
    // What is finished is not run again for it.
    assert.deepEqual(await execute({ evaluateEvery: 1 }), measured);
    assert.equal(steps.length, 0);
  }));

Deno.test("executeRun() measures after a stop what the stop left out", () =>
  inPlace(async ({ store, execute, steps }) => {
    const whole = (await execute({ evaluateEvery: 1 }))!;
    assert.deepEqual(whole.evaluations.map(({ epoch }) => epoch), [1, 2, 3, 4]);
    const weights = await weightsIn(store);
    store.remove(whole.id);
    const stop = new AbortController();
    const stopped = await execute({
      evaluateEvery: 1,
      signal: stop.signal,
      onActivity: (activity) => {
        if (activity === "evaluating" && steps.length === 4) stop.abort();
      },
    });
    assert.equal(stopped, null);
    const id = await runId(tiny, 0);
    assert.deepEqual(
      store.get(id)!.evaluations.map(({ epoch }) => epoch),
      [1],
    );
    const resumed = (await execute({ evaluateEvery: 1 }))!;
    assert.equal(steps.length, TINY_STEPS - 4, "no step is lost");
    assert.deepEqual(resumed.evaluations, whole.evaluations);
    assertSameTensors(await weightsIn(store), weights);
  }));

Deno.test("runJobs() tells of steps again after it measured on the way", () =>
  inPlace(async ({ store }) => {
    const told: string[] = [];
    const known = new Set<number | undefined>();
    await runJobs([{ label: "tiny", config: tiny, seed: 0, weights: false }], {
      store,
      evaluateEvery: 3,
      onProgress: ({ activity, evaluated, progress, measured }) => {
        if (activity === undefined) known.add(measured?.epoch);
        if (evaluated && progress) {
          told.push(`image ${evaluated.done} after ${progress.iteration}`);
        } else if (activity === undefined) {
          told.push(`step ${progress!.iteration}`);
        }
      },
    });
    const images = (after: number) => [
      `image 1 after ${after}`,
      `image 2 after ${after}`,
    ];
    assert.deepEqual(told, [
      ...[1, 2, 3, 4, 5, 6].map((step) => `step ${step}`),
      ...images(6),
      ...["step 7", "step 8"],
      ...images(8),
    ]);
    // With its steps goes what was measured before them.
    assert.deepEqual([...known], [undefined, 3]);
  }));

Deno.test("executeRun() refuses to measure every 0, −1 or 1.5 epochs", () =>
  inPlace(async ({ execute }) => {
    for (const evaluateEvery of [0, -1, 1.5, NaN]) {
      await assert.rejects(
        execute({ evaluateEvery }),
        /^RangeError: Cannot run: evaluateEvery must be an integer above 0: current value is/,
      );
    }
  }));
