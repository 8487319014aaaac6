import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Dataset } from "ldlab/data/dataset.ts";
import { createEvaluationBatches } from "ldlab/data/evaluation_batches.ts";
import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
import { TEACHER_JITTER } from "ldlab/data/jitter.ts";
import { createLoader, type LoaderOptions } from "ldlab/data/loader.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import {
  type Batch,
  createTrainingBatches,
} from "ldlab/data/training_batches.ts";

/** Counts the workers that run, in place of the global class. */
class CountedWorker extends Worker {
  static running = 0;
  #running = true;
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    CountedWorker.running++;
  }
  override terminate(): void {
    super.terminate();
    if (this.#running) CountedWorker.running--;
    this.#running = false;
  }
}
globalThis.Worker = CountedWorker;

/** A test after which no worker runs. */
function test(name: string, body: () => void | Promise<void>): void {
  Deno.test(name, async () => {
    await body();
    assert.equal(CountedWorker.running, 0, "workers left running");
  });
}

const options: LoaderOptions = {
  dataset: makeScenes({ seed: 1, count: 7 }),
  input: { kind: "stretch", width: 64, height: 48 },
  batchSize: 2,
  seed: 3,
  augmentation: { flips: true, jitter: TEACHER_JITTER },
  regions: [{ kind: "vlr" }, { kind: "gtBox" }],
  epochs: 2,
};

async function collect(extra: Partial<LoaderOptions> = {}): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of createLoader({ ...options, ...extra })) {
    batches.push(batch);
  }
  return batches;
}

/** BCCD's first image, and the same record at another path. */
function withFile(path: string): Dataset {
  const good = fileURLToPath(
    new URL("../../data/bccd/JPEGImages/BloodImage_00000.jpg", import.meta.url),
  );
  const record = {
    ...options.dataset.images[0],
    scene: undefined,
    width: 640,
    height: 480,
  };
  return {
    ...options.dataset,
    images: [
      { ...record, id: "good", path: good },
      { ...record, id: "bad", path },
    ],
  };
}

test("createLoader() gives the batches that its source makes, in order", async () => {
  const batches = await collect();
  assert.deepEqual(
    batches.map(({ epoch, index }) => [epoch, index]),
    [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]],
  );
  const source = createTrainingBatches(options);
  for (const batch of batches) {
    assert.deepEqual(batch, await source.prepare(batch.epoch, batch.index));
  }
});

test("createLoader() gives the same batches whatever the number of workers and the memory", async () => {
  const batches = await collect({ workers: 1 });
  assert.equal(batches.length, 6);
  for (
    const changes of [
      { workers: 2 },
      { workers: 3, prefetch: 1 },
      { workers: 4, prefetch: 9 }, // more than there are batches
      { workers: 2, cacheBytes: 0 },
    ]
  ) {
    const others = await collect(changes);
    assert.deepEqual(others, batches, JSON.stringify(changes));
  }
  const start = { epoch: 0, index: 2 };
  const resumed = await collect({ workers: 3, start });
  assert.deepEqual(resumed, batches.slice(2));
});

test("createLoader() ends all its workers after an error, and when closed while waited for", async () => {
  const dataset = withFile("none/b.jpg");
  // Seed 2 shuffles the bad image to the end of the first epoch.
  const some = { ...options, dataset, batchSize: 1, seed: 2, workers: 3 };
  const bad = createLoader(some);
  assert.equal(CountedWorker.running, 3);
  assert.equal((await bad.next()).value.ids[0], "good");
  await assert.rejects(bad.next(), Deno.errors.NotFound);
  assert.equal(CountedWorker.running, 0);

  const waiting = createLoader({ ...options, workers: 3 });
  const calls = [1, 2].map(() => waiting.next());
  waiting.close();
  for (const { done } of await Promise.all(calls)) assert.equal(done, true);
  assert.equal(CountedWorker.running, 0);
});

test("createLoader() goes on exactly where a run stopped", async () => {
  const whole = await collect();
  const resumed = await collect({ start: { epoch: 0, index: 2 } });
  assert.deepEqual(resumed, whole.slice(2));
  // An epoch's end is the next one's start, and a finished run is empty.
  assert.deepEqual(
    await collect({ start: { epoch: 0, index: 3 } }),
    whole.slice(3),
  );
  assert.deepEqual(await collect({ start: { epoch: 2, index: 0 } }), []);
});

test("createLoader() prepares ahead while its consumer is busy", async () => {
  const loader = createLoader({ ...options, epochs: 20 });
  await loader.next();
  const before = loader.statistics.waitMs;
  for (let i = 0; i < 10; i++) {
    await sleep(40);
    await loader.next();
  }
  const { batches, waitMs, workMs } = loader.statistics;
  loader.close();
  assert.equal(batches, 11);
  assert.ok(workMs > 0);
  // Without a worker at work ahead every batch would be waited for.
  assert.ok(waitMs - before < 0.5 * 10 * 40, `waited ${waitMs - before} ms`);
});

test("createLoader() ends its worker when the loop is left, and when closed", async () => {
  const loader = createLoader(options);
  for await (const batch of loader) {
    assert.equal(batch.index, 0);
    break;
  }
  assert.deepEqual(await loader.next(), { done: true, value: undefined });

  const unused = createLoader({ ...options, workers: 1 });
  assert.equal(CountedWorker.running, 1);
  unused.close();
  unused.close();

  const waiting = createLoader(options);
  const next = waiting.next();
  waiting.close();
  assert.deepEqual(await next, { done: true, value: undefined });
});

test("createLoader() serves calls of next() that overlap, in their order", async () => {
  const batches = await collect({ epochs: 1 });
  const loader = createLoader({ ...options, epochs: 1 });
  const calls = [1, 2, 3, 4, 5].map(() => loader.next());
  const results = await Promise.all(calls);
  assert.deepEqual(
    results.map(({ value }) => value),
    [...batches, undefined, undefined],
  );
  assert.deepEqual(
    results.map(({ done }) => done),
    [false, false, false, true, true],
  );
  assert.equal(loader.statistics.batches, 3);

  // Closed while three wait, none waits for ever.
  const closed = createLoader(options);
  const waiting = [1, 2, 3].map(() => closed.next());
  closed.close();
  for (const { done } of await Promise.all(waiting)) assert.equal(done, true);

  // An error belongs to the call it befell.
  const dataset = withFile("none/b.jpg");
  const bad = createLoader({ ...options, dataset, batchSize: 1, seed: 2 });
  const [first, second, third] = await Promise.allSettled(
    [1, 2, 3].map(() => bad.next()),
  );
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status, "rejected");
  assert.deepEqual(third, {
    status: "fulfilled",
    value: { done: true, value: undefined },
  });
});

test("createLoader() brings a worker's error to the loop, with class, file and remedy", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jpg" });
  try {
    const dataset = withFile(path);
    const source = await Deno.readFile(dataset.images[0].path);
    await Deno.writeFile(path, source.subarray(0, 9000));
    await assert.rejects(collect({ dataset }), (error: Error) => {
      assert.ok(error instanceof SyntaxError);
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.message, /cut short after 9000 bytes\. Copy the file/);
      return true;
    });
  } finally {
    await Deno.remove(path);
  }
  await assert.rejects(
    collect({ dataset: withFile("none/b.jpg") }),
    (error) => {
      assert.ok(error instanceof Deno.errors.NotFound);
      assert.match(error.message, /image of bad: none\/b\.jpg is missing/);
      return true;
    },
  );
  await assert.rejects(
    collect({ regions: [{ kind: "vlr", gamma: 2 }] }),
    RangeError,
  );
});

test("createLoader() hands out the batches before a bad image, and ends after it", async () => {
  const dataset = withFile("none/b.jpg");
  // Seed 2 shuffles the bad image to the end of the first epoch.
  const loader = createLoader({ ...options, dataset, batchSize: 1, seed: 2 });
  assert.equal((await loader.next()).value.ids[0], "good");
  await assert.rejects(loader.next(), Deno.errors.NotFound);
  assert.deepEqual(await loader.next(), { done: true, value: undefined });
});

test("createLoader() fails when the start is not in the run", () => {
  const starts = [
    { epoch: 2, index: 1 },
    { epoch: 0, index: 4 },
    { epoch: -1, index: 0 },
    { epoch: 0.5, index: 0 },
  ];
  for (const start of starts) {
    assert.throws(() => createLoader({ ...options, start }), {
      name: "RangeError",
      message:
        /must be in a run of 2 epochs of 3 batches: current start is epoch/,
    });
  }
  assert.throws(() => createLoader({ ...options, prefetch: 0 }), RangeError);
  assert.throws(() => createLoader({ ...options, workers: 1.5 }), {
    name: "RangeError",
    message: /workers must be a positive integer: current value is 1\.5/,
  });
  assert.throws(() => createLoader({ ...options, batchSize: 8 }), RangeError);
});

test("createEvaluationLoader() gives the batches that its source makes", async () => {
  const { dataset, input } = options;
  const settings = { dataset, input, batchSize: 3 };
  const source = createEvaluationBatches(settings);
  let index = 0;
  for await (const batch of createEvaluationLoader(settings)) {
    assert.deepEqual(batch, await source.prepare(index++));
  }
  assert.equal(index, 3);
});
