import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { anchorsOf } from "ldlab/detectors/detector_anchors.ts";
import { DETECTOR_KINDS } from "ldlab/detectors/detector_config.ts";
import type { NetworkOutputs } from "ldlab/distill/term_inputs.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { cachedTeacher, liveTeacher } from "ldlab/train/teacher.ts";
import { assertClose } from "../golden.ts";
import { hashOf } from "../same_tensors.ts";
import {
  anchors,
  data,
  input,
  tinyConfig,
  tinyDetector,
} from "./tiny_detector.ts";

const engine = await openEngine();
const batch = await createTrainingBatches(data).prepare(0, 0);

async function values(logits: NetworkOutputs) {
  const host = {
    classes: await logits.classLogits.data<"float32">(),
    boxes: await logits.boxLogits.data<"float32">(),
  };
  tf.dispose([logits.classLogits, logits.boxLogits]);
  return host;
}

/** Hashes of what is said of the batch's two images. */
function halvesOf({ boxes }: { boxes: Float32Array }): string[] {
  const half = boxes.length / 2;
  return [boxes.slice(0, half), boxes.slice(half)].map(hashOf);
}

Deno.test("cachedTeacher() says what the teacher says live", async () => {
  const teacher = tinyDetector(1);
  const cached = cachedTeacher(teacher);
  const live = liveTeacher(teacher);
  const expected = await values(await live.of(batch));
  for (const time of ["first", "second"]) {
    const { classes, boxes } = await values(await cached.of(batch));
    assertClose(classes, expected.classes, { ofLargest: 1e-5 }, time);
    assertClose(boxes, expected.boxes, { ofLargest: 1e-5 }, time);
  }
});

Deno.test("cachedTeacher() looks at a key once, and at an image without a key each time", async () => {
  const cached = cachedTeacher(tinyDetector(1));
  const keys = ["cells|none", undefined];
  const first = await values(
    await cached.of({ images: batch.images, size: input, keys }),
  );
  const others = batch.images.map((value) => 1 - value);
  const second = await values(
    await cached.of({ images: others, size: input, keys }),
  );
  const [kept, looked] = halvesOf(second);
  assert.equal(kept, halvesOf(first)[0]);
  assert.notEqual(looked, halvesOf(first)[1]);
  const perImage = anchors.count * (data.dataset.classes.length + 4 * 17) * 4;
  assert.equal(cached.bytes, perImage);
  cached.dispose();
  assert.equal(cached.bytes, 0);
});

Deno.test("cachedTeacher() keeps no more than it may, and is right beyond", async () => {
  const [a, b] = batch.keys;
  const perImage = anchors.count * (data.dataset.classes.length + 4 * 17) * 4;
  const cached = cachedTeacher(tinyDetector(1), {
    cacheBytes: 2 * perImage - 1,
  });
  const first = await values(await cached.of(batch));
  assert.equal(cached.bytes, perImage); // one fits, a second does not
  const again = await values(await cached.of(batch));
  assert.deepEqual(
    [again.classes, again.boxes].map(hashOf),
    [first.classes, first.boxes].map(hashOf),
  );
  // Other pixels under the same keys: the first is kept, the second is run.
  const others = batch.images.map((value) => 1 - value);
  const second = await values(
    await cached.of({ images: others, size: input, keys: [a, b] }),
  );
  const [kept, looked] = halvesOf(second);
  assert.equal(kept, halvesOf(first)[0]);
  assert.notEqual(looked, halvesOf(first)[1]);
  assert.equal(cached.bytes, perImage);
  cached.dispose();
});

Deno.test("cachedTeacher() gives an image the same bits in every batch", async () => {
  const cached = () => cachedTeacher(tinyDetector(1));
  const [a, b] = batch.keys;
  const swapped = new Float32Array(batch.images.length);
  const half = swapped.length / 2;
  swapped.set(batch.images.subarray(half));
  swapped.set(batch.images.subarray(0, half), half);
  const there = await values(await cached().of(batch));
  const back = await values(
    await cached().of({ images: swapped, size: input, keys: [b, a] }),
  );
  assert.equal(halvesOf(back)[1], halvesOf(there)[0]);
});

for (const source of [liveTeacher, cachedTeacher]) {
  Deno.test(`${source.name}() leaves no tensor or handle behind`, async () => {
    const start = engine.memory();
    const teacher = tinyDetector(1);
    const outputs = source(teacher);
    for (let i = 0; i < 2; i++) await values(await outputs.of(batch));
    outputs.dispose();
    teacher.dispose();
    assert.deepEqual(engine.memory(), start);
  });
}

Deno.test("a teacher opened with features gives and keeps those of all levels", async () => {
  const teacher = tinyDetector(1);
  const before = engine.memory().tensors;
  const live = liveTeacher(teacher, { features: true });
  const cached = cachedTeacher(teacher, { features: true });
  const outputs = await live.of(batch);
  const shapes = anchors.levels.map((
    { height, width },
  ) => [batch.ids.length, height, width, teacher.config.neckChannels]);
  assert.deepEqual(outputs.features!.map(({ shape }) => shape), shapes);
  for (const _ of ["computed", "kept"]) {
    const again = await cached.of(batch);
    for (const [level, map] of outputs.features!.entries()) {
      assertClose(
        await again.features![level].data(),
        await map.data(),
        { ofLargest: 1e-5 },
        `level ${level}`,
      );
    }
    tf.dispose([again.classLogits, again.boxLogits, ...again.features!]);
  }
  const { numClasses, regMax, neckChannels } = teacher.config;
  const numbers = anchors.count *
    (numClasses + 4 * (regMax! + 1) + neckChannels);
  const images = new Set(batch.keys).size;
  assert.equal(cached.bytes, images * numbers * 4);
  tf.dispose([outputs.classLogits, outputs.boxLogits, ...outputs.features!]);
  live.dispose();
  cached.dispose();
  assert.equal(engine.memory().tensors, before);
  teacher.dispose();
});

Deno.test("a teacher looks at batches of several sizes, and keeps what it says of each", async () => {
  const before = engine.memory();
  const teacher = tinyDetector(1);
  const size = { width: 64, height: 96 };
  const other = {
    ...await createTrainingBatches({
      ...data,
      input: { kind: "stretch", ...size },
    }).prepare(0, 0),
    keys: batch.keys, // of the same images in another size
  };
  assert.deepEqual(other.size, size);
  const live = liveTeacher(teacher);
  const cached = cachedTeacher(teacher);
  for (const _ of ["computed", "kept"]) {
    for (const given of [batch, other]) {
      const expected = await live.of(given);
      const { count } = makeAnchors(given.size);
      assert.equal(expected.classLogits.shape[1], count);
      const [theirs, ours] = [
        await values(expected),
        await values(await cached.of(given)),
      ];
      assertClose(ours.boxes, theirs.boxes, { ofLargest: 1e-5 });
    }
  }
  const locations = anchors.count + makeAnchors(size).count;
  const images = new Set(batch.keys).size;
  const perLocation = data.dataset.classes.length + 4 * 17;
  assert.equal(cached.bytes, images * locations * perLocation * 4);
  for (const part of [live, cached, teacher]) part.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("a teacher of any kind gives logits and features, and nothing is left behind", async () => {
  for (const kind of DETECTOR_KINDS) {
    const before = engine.memory();
    const teacher = createDetector({ ...tinyConfig, kind }, { seed: 1 });
    const { count } = anchorsOf(teacher.config, input);
    for (const source of [liveTeacher, cachedTeacher]) {
      const outputs = source(teacher, { features: true });
      const { classLogits, boxLogits, features } = await outputs.of(batch);
      assert.deepEqual(classLogits.shape, [2, count, tinyConfig.numClasses]);
      assert.deepEqual(boxLogits.shape, [2, count, 4, 17]);
      assert.equal(features!.length, 5);
      tf.dispose([classLogits, boxLogits, ...features!]);
      outputs.dispose();
    }
    teacher.dispose();
    assert.deepEqual(engine.memory(), before, kind);
  }
});

Deno.test("liveTeacher() is recorded once for each of many sizes", async () => {
  const teacher = tinyDetector(1);
  let recordings = 0;
  const live = liveTeacher(teacher, { onRecord: () => void recordings++ });
  const widths = Array.from({ length: 12 }, (_, i) => 32 * (i + 1));
  for (const width of [...widths, ...widths]) {
    const images = new Float32Array(32 * width * 3);
    const size = { width, height: 32 };
    await values(await live.of({ images, size, keys: [undefined] }));
  }
  if (engine.backend === "tensorflow") assert.equal(recordings, widths.length);
  live.dispose();
  teacher.dispose();
});
