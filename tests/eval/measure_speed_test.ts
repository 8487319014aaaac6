import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { measureSpeed } from "ldlab/eval/measure_speed.ts";
import type { PredictBatch } from "ldlab/eval/predict_batch.ts";
import { wave } from "../float64.ts";
import { tinyDetector } from "../train/tiny_detector.ts";

const engine = await openEngine();

/** One image a batch, of the given sides. */
const images = (...sides: number[]) =>
  async function* (): AsyncGenerator<PredictBatch> {
    await Promise.resolve();
    for (const [index, side] of sides.entries()) {
      const size = { width: side, height: 64 };
      yield {
        size,
        images: wave(side * 64 * 3, 1),
        indices: [index],
        imageSizes: [size],
        paddedSizes: [size],
        scales: [{ x: 1, y: 1 }],
      };
    }
  };

Deno.test("measureSpeed() times what comes after the warm-up, in each repeat, and leaves no tensor", async () => {
  const before = engine.memory();
  const detector = tinyDetector(1);
  const told: [number, number][] = [];
  const speed = await measureSpeed({
    detector,
    batches: images(64, 64, 64, 64, 64),
    warmup: 2,
    repeats: 2,
    onBatch: (...batch) => told.push(batch),
  });
  assert.equal(speed.images, 3);
  assert.equal(speed.repeats.length, 2);
  assert.deepEqual(told.map(([batch]) => batch), [
    1,
    2,
    3,
    4,
    5,
    1,
    2,
    3,
    4,
    5,
  ]);
  assert.deepEqual(
    told.slice(0, 5).map(([, speed]) => speed > 0),
    [false, false, true, true, true],
  );
  assert.equal(told[4][1], speed.repeats[0]);
  const mean = (speed.repeats[0] + speed.repeats[1]) / 2;
  assert.equal(speed.imagesPerSecond, mean);
  assert.ok(speed.medianMilliseconds > 0);
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("measureSpeed() does not time a batch for which the forward pass is recorded", async () => {
  const detector = tinyDetector(1);
  const { images: timed } = await measureSpeed({
    detector,
    batches: images(64, 96, 64, 96, 96),
    warmup: 0,
  });
  assert.equal(timed, 3);
  detector.dispose();
});

Deno.test("measureSpeed() counts all images of a batch", async () => {
  const detector = tinyDetector(1);
  async function* pairs() {
    for await (const batch of images(128, 128, 128)()) {
      const size = { width: 64, height: 64 };
      yield {
        ...batch,
        size,
        indices: [0, 1],
        imageSizes: [size, size],
        paddedSizes: [size, size],
        scales: [{ x: 1, y: 1 }, { x: 1, y: 1 }],
      };
    }
  }
  const speed = await measureSpeed({ detector, batches: pairs, warmup: 1 });
  assert.equal(speed.images, 4);
  detector.dispose();
});

Deno.test("measureSpeed() refuses settings that make no sense, and images that are too few", async () => {
  const before = engine.memory();
  const detector = tinyDetector(1);
  const given = { detector, batches: images(64, 64) };
  const wrong = [
    [{ warmup: -1 }, "warmup must be a whole number from 0"],
    [{ repeats: 0 }, "repeats must be a whole number from 1"],
    [{}, "behind the 5 of the warm-up"],
  ] as const;
  for (const [more, message] of wrong) {
    await assert.rejects(
      measureSpeed({ ...given, ...more }),
      (error: Error) =>
        error instanceof RangeError && error.message.includes(message),
    );
  }
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("measureSpeed() stops at the next batch when the signal is aborted", async () => {
  const detector = tinyDetector(1);
  const stop = new AbortController();
  let seen = 0;
  await assert.rejects(
    measureSpeed({
      detector,
      batches: images(64, 64, 64),
      signal: stop.signal,
      onBatch: () => {
        seen++;
        stop.abort();
      },
    }),
    { name: "AbortError" },
  );
  assert.equal(seen, 1);
  detector.dispose();
});
