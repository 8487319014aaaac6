import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { loadCheckpoint } from "ldlab/train/checkpoint.ts";
import { readState } from "ldlab/train/state.ts";
import { type Progress, train } from "ldlab/train/train.ts";
import {
  BATCHES_PER_EPOCH,
  inFolder,
  TOTAL,
  type ToyBatch,
  toyCheckpoints,
  toyLoader,
  toyOptions,
  toyStep,
} from "./toy_run.ts";

async function undisturbed() {
  const step = toyStep(1);
  await train({ ...toyOptions, step });
  return await readState(step.state);
}

/** Trains until `iteration` is done, then presses Stop. */
async function runUntil(iteration: number, folder: string, every = 2) {
  const stop = new AbortController();
  return await train({
    ...toyOptions,
    step: toyStep(1),
    checkpoints: toyCheckpoints(folder, every),
    signal: stop.signal,
    onProgress: (p) => p.iteration === iteration && stop.abort(),
  });
}

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("train() stopped after any step and resumed ends bit by bit as undisturbed", async () => {
  const expected = await undisturbed();
  for (let k = 1; k < TOTAL; k++) {
    await inFolder(async (folder) => {
      const first = await runUntil(k, folder);
      assert.equal(first.stopped, true);
      assert.equal(first.iteration, k);
      // Another start of the weights: all that counts is in the checkpoint.
      const step = toyStep(2);
      const second = await train({
        ...toyOptions,
        step,
        checkpoints: toyCheckpoints(folder),
      });
      assert.equal(second.resumedFrom, k);
      assert.equal(second.iteration, TOTAL);
      assert.equal(second.stopped, false);
      assert.deepEqual(
        await readState(step.state),
        expected,
        `stopped at ${k}`,
      );
    });
  }
});

Deno.test("train() killed between two checkpoints ends bit by bit as undisturbed", () =>
  inFolder(async (folder) => {
    const killed = train({
      ...toyOptions,
      step: toyStep(1),
      checkpoints: toyCheckpoints(folder, 2),
      onProgress: (p) => {
        if (p.iteration === 5) throw new Error("killed");
      },
    });
    await assert.rejects(killed, /killed/);
    const step = toyStep(2);
    const checkpoints = toyCheckpoints(folder, 2);
    const { resumedFrom } = await train({ ...toyOptions, step, checkpoints });
    assert.equal(resumedFrom, 4);
    assert.deepEqual(await readState(step.state), await undisturbed());
  }));

Deno.test("train() writes a checkpoint when enough seconds have passed, and ends the same", () =>
  inFolder(async (folder) => {
    const now = performance.now.bind(performance);
    let passed = 0; // a second a step
    performance.now = () => now() + passed;
    const iterations: number[] = [];
    const last = () =>
      Number(/\d+/.exec(namesIn(folder).at(-1) ?? "0")![0]) || 0;
    const step = toyStep(1);
    try {
      await train({
        ...toyOptions,
        step,
        checkpoints: { ...toyCheckpoints(folder, 100), everySeconds: 2 },
        onProgress: () => {
          iterations.push(last());
          passed += 1000;
        },
      });
    } finally {
      performance.now = now;
    }
    assert.deepEqual(iterations, [0, 0, 2, 2, 4, 4, 6, 6]);
    assert.deepEqual(await readState(step.state), await undisturbed());
  }));

Deno.test("train() takes no step when the run is complete", () =>
  inFolder(async (folder) => {
    const checkpoints = toyCheckpoints(folder);
    await train({ ...toyOptions, step: toyStep(1), checkpoints });
    const step = toyStep(2);
    const again = await train({
      ...toyOptions,
      step: { ...step, run: () => assert.fail("a step was taken") },
      checkpoints,
    });
    assert.equal(again.resumedFrom, TOTAL);
    assert.equal(again.waitShare, undefined);
    assert.deepEqual(await readState(step.state), await undisturbed());
  }));

Deno.test("train() uses the checkpoint before and says so when the newest is damaged", () =>
  inFolder(async (folder) => {
    const { checkpoint } = await runUntil(5, folder);
    await Deno.truncate(checkpoint!, 500);
    const step = toyStep(2);
    const checkpoints = toyCheckpoints(folder);
    const told: string[] = [];
    const { resumedFrom } = await train({
      ...toyOptions,
      step,
      checkpoints,
      onNotice: (message) => told.push(message),
      onProgress: () => assert.equal(told.length, 1, "told before it trains"),
    });
    assert.equal(resumedFrom, 4);
    assert.match(told[0], /truncated or altered.*of iteration 4, is used/);
    assert.deepEqual(await readState(step.state), await undisturbed());
  }));

for (const bad of [NaN, Infinity]) {
  Deno.test(`train() stops at the step whose loss is ${bad}, names it and keeps the last checkpoint`, () =>
    inFolder(async (folder) => {
      const step = toyStep(1);
      let taken = 0;
      const run = train({
        ...toyOptions,
        step: {
          state: step.state,
          run: async (batch: ToyBatch, rate: number) => {
            const terms = await step.run(batch, rate);
            return { ...terms, giou: taken++ === 5 ? bad : 1 };
          },
        },
        checkpoints: toyCheckpoints(folder, 2),
      });
      await assert.rejects(run, (error: Error) => {
        assert.ok(error instanceof RangeError);
        assert.match(
          error.message,
          RegExp(`'giou' is ${bad} at iteration 5, of the images a, b\\. `),
        );
        assert.match(error.message, /lower the learning rate \(0\.0\d+ here\)/);
        assert.match(
          error.message,
          /checkpoint-000000004\.safetensors; .* ends here again/,
        );
        return true;
      });
      assert.equal(taken, 6);
      assert.deepEqual(namesIn(folder), [
        "checkpoint-000000002.safetensors",
        "checkpoint-000000004.safetensors",
      ]);
    }));
}

Deno.test("train() refuses to resume another configuration, seed or architecture", () =>
  inFolder(async (folder) => {
    await runUntil(3, folder);
    const checkpoints = toyCheckpoints(folder);
    const resume = (changes: object, hidden = 3) =>
      train({
        ...toyOptions,
        step: toyStep(1, hidden),
        checkpoints: { ...checkpoints, ...changes },
      });
    await assert.rejects(
      resume({ config: { rate: 0.1, ld: { temperature: 5 } } }),
      /RangeError: Cannot resume from .*config\.ld\.temperature is 5, was 10/,
    );
    await assert.rejects(
      resume({ seeds: { weights: 2 } }),
      /RangeError: Cannot resume from .*seeds\.weights is 2, was 1/,
    );
    await assert.rejects(
      resume({}, 4),
      /TypeError: .*another architecture: 'first' is float32 \[4,4\] here and float32 \[4,3\]/,
    );
  }));

Deno.test("train() counts the seconds of all sittings, of a killed one up to its checkpoint", () =>
  inFolder(async (folder) => {
    const slow = () => {
      const step = toyStep(1);
      return {
        ...step,
        run: async (batch: ToyBatch, rate: number) => {
          await new Promise((resolve) => setTimeout(resolve, 30));
          return step.run(batch, rate);
        },
      };
    };
    const killed = train({
      ...toyOptions,
      step: slow(),
      checkpoints: toyCheckpoints(folder, 4),
      onProgress: (p) => {
        if (p.iteration === 6) throw new Error("killed");
      },
    });
    await assert.rejects(killed, /killed/);
    const stored = (await loadCheckpoint(folder))!.checkpoint.seconds;
    assert.ok(stored >= 4 * 0.029, `${stored}`);
    const from = performance.now();
    const { seconds } = await train({
      ...toyOptions,
      step: slow(),
      checkpoints: toyCheckpoints(folder, 4),
    });
    const sitting = (performance.now() - from) / 1000;
    assert.ok(seconds >= stored + 4 * 0.029, `${seconds} after ${stored}`);
    assert.ok(seconds <= stored + sitting, `${seconds} after ${stored}`);
  }));

Deno.test("train() takes the checkpoint that its caller has found, and its notices", () =>
  inFolder(async (folder) => {
    await runUntil(5, folder);
    const found = (await loadCheckpoint(folder))!;
    for (const name of namesIn(folder)) Deno.removeSync(`${folder}/${name}`);
    const step = toyStep(2);
    const told: string[] = [];
    const { resumedFrom } = await train({
      ...toyOptions,
      step,
      checkpoints: {
        ...toyCheckpoints(folder),
        found: { ...found, notices: ["one was damaged"] },
      },
      onNotice: (message) => told.push(message),
    });
    assert.equal(resumedFrom, 5);
    assert.deepEqual(told, ["one was damaged"]);
    assert.deepEqual(await readState(step.state), await undisturbed());
  }));

Deno.test("train() says what share of its time it waited for batches", async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
  async function* slowLoader(start: { epoch: number; index: number }) {
    for await (const batch of toyLoader(start)) {
      await pause();
      yield batch;
    }
  }
  const step = toyStep(1);
  const slowStep = {
    ...step,
    run: async (batch: ToyBatch, rate: number) => {
      await pause();
      return step.run(batch, rate);
    },
  };
  const shares = [];
  for (
    const changes of [{ step, loader: slowLoader }, { step: slowStep }]
  ) shares.push((await train({ ...toyOptions, ...changes })).waitShare!);
  // Compared with each other: how long the toy itself takes depends on the machine.
  const [slowLoading, slowStepping] = shares;
  assert.ok(slowLoading > slowStepping, `${shares}`);
  assert.ok(slowStepping >= 0 && slowLoading < 1, `${shares}`);
});

Deno.test("train() reports each step", async () => {
  const seen: Progress[] = [];
  await train({
    ...toyOptions,
    step: toyStep(1),
    onProgress: (p) => seen.push(p),
  });
  assert.deepEqual(seen.map((p) => p.iteration), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(
    seen.map((p) => p.epoch),
    seen.map((_, i) => Math.floor(i / BATCHES_PER_EPOCH)),
  );
  assert.deepEqual(
    seen.map((p) => p.learningRate),
    seen.map((_, i) => toyOptions.schedule(i)),
  );
  for (const p of seen) {
    assert.ok(p.total === TOTAL && p.imagesPerSecond > 0);
    assert.deepEqual(Object.keys(p.terms), ["total", "gradientNorm"]);
  }
});

Deno.test("train() lets timers run between synchronous steps", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 5);
  const { stopped } = await train({
    ...toyOptions,
    step: toyStep(1),
    totalIterations: 1e6,
    signal: stop.signal,
  });
  assert.equal(stopped, true);
});

Deno.test("train() closes the loader however it ends, and says when it ends early", async () => {
  for (const length of [3, Infinity]) {
    let closed = false;
    const loader = async function* (start: { epoch: number; index: number }) {
      try {
        let count = 0;
        for await (const batch of toyLoader(start)) {
          if (count++ === length) return;
          yield batch;
        }
      } finally {
        closed = true;
      }
    };
    const run = train({ ...toyOptions, step: toyStep(1), loader });
    if (length === 3) {
      await assert.rejects(run, /RangeError: .*loader ended at iteration 3/);
    } else await run;
    assert.equal(closed, true);
  }
});

Deno.test("train() passes on what the loader throws", async () => {
  // deno-lint-ignore require-yield
  async function* loader(): AsyncGenerator<ToyBatch> {
    await Promise.resolve();
    throw new SyntaxError("image.jpg is no JPEG");
  }
  await assert.rejects(
    train({ ...toyOptions, step: toyStep(1), loader }),
    /image\.jpg/,
  );
});

Deno.test("train() refuses counts that are not integers above 0", async () => {
  const step = toyStep(1);
  await assert.rejects(
    train({ ...toyOptions, step, totalIterations: 0 }),
    /RangeError.*totalIterations.*0/,
  );
  const checkpoints = { ...toyCheckpoints("unused"), every: 1.5 };
  await assert.rejects(
    train({ ...toyOptions, step, checkpoints }),
    /RangeError.*every.*1\.5/,
  );
});

Deno.test("train() leaves no tensor behind", () =>
  inFolder(async (folder) => {
    const before = tf.memory().numTensors;
    const step = toyStep(1);
    const checkpoints = toyCheckpoints(folder);
    await train({ ...toyOptions, step, checkpoints });
    step.dispose();
    assert.equal(tf.memory().numTensors, before);
  }));
