import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import "@tensorflow/tfjs"; // registers the pure JS backend
import * as tf from "@tensorflow/tfjs-core";
import { validAnchors } from "ldlab/boxes/anchors.ts";
import type { Dataset } from "ldlab/data/dataset.ts";
import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { anchorsOf } from "ldlab/detectors/detector_anchors.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { imagesOf } from "ldlab/eval/batch_logits.ts";
import {
  decodeDetections,
  type ImageLogits,
} from "ldlab/eval/decode_detections.ts";
import { predict } from "ldlab/eval/predict.ts";
import type { PredictBatch } from "ldlab/eval/predict_batch.ts";
import {
  goldenDetector,
  modelCase,
  modelTensors,
} from "../detectors/gfl_model.ts";
import { wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

// Else it advises to install tfjs-node.
(tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
const engine = await openEngine();

// tests/golden/model.json, predict_eval: mmdet 3.3.0 GFL.predict.
const { shape, data } = modelTensors.get("input")!; // [B, 3, H, W]
const [count, , height, width] = shape;
const input = { width, height };
const nchw = tf.tensor4d(
  data as Float32Array,
  [...shape] as [number, number, number, number],
);
const images = await tf.transpose(nchw, [0, 2, 3, 1]).data<"float32">();

async function* inBatches(
  scale = 1,
): AsyncGenerator<PredictBatch> {
  await Promise.resolve();
  const scales = [{ x: scale, y: scale }];
  const size = images.length / count;
  for (let i = 0; i < count; i++) {
    // Two rows a batch; the second only fills it up.
    const padded = new Float32Array(2 * size);
    padded.set(images.subarray(i * size, (i + 1) * size));
    yield {
      size: input,
      images: padded,
      indices: [i],
      imageSizes: [input],
      paddedSizes: [input],
      scales,
    };
  }
}

Deno.test("predict() equals MMDetection's GFL.predict", async () => {
  const detector = goldenDetector();
  const found = await predict({
    detector,
    batches: inBatches(),
  });
  const expected = modelCase("predict_eval").outputs;
  assert.equal(found.length, expected.length);
  for (const [i, { bboxes, scores, labels }] of expected.entries()) {
    assert.deepEqual([...found[i].labels], labels.data);
    assertClose(found[i].scores, scores.data, { absolute: 1e-4 }, "scores");
    assertClose(found[i].boxes, bboxes.data, { absolute: 0.05 }, "boxes");
  }
  detector.dispose();
});

Deno.test("predict() gives boxes in pixels of the original image", async () => {
  const detector = goldenDetector();
  const options = { detector };
  const [once] = await predict({ ...options, batches: inBatches() });
  const [half] = await predict({ ...options, batches: inBatches(0.5) });
  assertClose(half.boxes, once.boxes.map((x) => 2 * x), { absolute: 1e-4 });
  detector.dispose();
});

Deno.test("predict() decodes as it is told", async () => {
  const detector = goldenDetector();
  const options = { detector };
  const decode = { scoreThreshold: 0 };
  const [all] = await predict({ ...options, decode, batches: inBatches() });
  const suppression = { kind: "nms", classAgnostic: true } as const;
  const [one] = await predict({
    ...options,
    decode: { ...decode, limit: 1, suppression },
    batches: inBatches(),
  });
  assert.ok(all.scores.length > 1);
  assert.deepEqual([...one.scores], [all.scores[0]]);
  detector.dispose();
});

Deno.test("predict() stops at the next batch when the signal is aborted", async () => {
  const detector = goldenDetector();
  const signal = AbortSignal.abort();
  await assert.rejects(
    predict({ detector, batches: inBatches(), signal }),
    { name: "AbortError" },
  );
  detector.dispose();
});

Deno.test("predict() announces its recording", async () => {
  const detector = goldenDetector();
  const recorded: string[] = [];
  await predict({
    detector,
    batches: inBatches(),
    onRecord: (step) => void recorded.push(step),
  });
  assert.deepEqual(recorded, ["predict"]);
  detector.dispose();
});

Deno.test("predict() gives others their turn after an image, and stops there when the signal is aborted", async () => {
  const detector = goldenDetector();
  const stop = new AbortController();
  const scales = [
    {
      get x() {
        setImmediate(() => stop.abort());
        return 1;
      },
      y: 1,
    },
    {
      get x(): number {
        return assert.fail("the next image is decoded");
      },
      y: 1,
    },
  ];
  async function* batches(): AsyncGenerator<PredictBatch> {
    for await (const batch of inBatches()) yield { ...batch, scales };
  }
  await assert.rejects(
    predict({
      detector,
      batches: batches(),
      signal: stop.signal,
    }),
    { name: "AbortError" },
  );
  detector.dispose();
});

Deno.test("predict() leaves no tensor or handle behind", async () => {
  const before = engine.memory();
  const detector = goldenDetector();
  await predict({ detector, batches: inBatches() });
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("predict() leaves no tensor behind when the forward pass or the loop fails", async () => {
  const before = engine.memory();
  const detector = goldenDetector();
  // The first use gives the weights their handles.
  await predict({ detector, batches: inBatches() });
  const held = engine.memory();
  const failing = {
    ...detector,
    forward: () => {
      throw new Error("no forward");
    },
  };
  const options = { batches: inBatches() };
  await assert.rejects(
    predict({ ...options, detector: failing }),
    /no forward/,
  );
  assert.deepEqual(engine.memory(), held);

  // A stop after the first batch ends the batches, and with them their worker.
  const stop = new AbortController();
  let ended = false;
  async function* batches(): AsyncGenerator<PredictBatch> {
    try {
      for await (const batch of inBatches()) {
        yield batch;
        stop.abort();
        yield batch;
      }
    } finally {
      ended = true;
    }
  }
  await assert.rejects(
    predict({ ...options, detector, batches: batches(), signal: stop.signal }),
    { name: "AbortError" },
  );
  assert.ok(ended);
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

const KINDS = ["gfl", "gflV2", "atss", "fcos", "retina"] as const;

/** A tiny detector whose scores differ and are many. */
function livelyDetector(kind: typeof KINDS[number], regMax: number | null) {
  const detector = createDetector({
    kind,
    regMax,
    numClasses: 2,
    backbone: { depth: 18, baseWidth: 4 },
    neckChannels: 8,
    headChannels: 8,
    headConvs: 1,
    groups: 4,
  }, { seed: 3 });
  for (const [name, weight] of detector.parameters) {
    if (!name.startsWith("bbox_head.")) continue;
    const values = wave(weight.size, 0.5, name.length);
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
  }
  return detector;
}

for (const backend of ["tensorflow", "cpu"]) {
  Deno.test(`predict() equals decoding each image's outputs by hand, for each kind, and leaves no tensor on ${backend}`, async () => {
    await tf.setBackend(backend);
    const sizes = [{ width: 64, height: 32 }, { width: 32, height: 64 }];
    async function* batches(): AsyncGenerator<PredictBatch> {
      await Promise.resolve();
      for (const [at, size] of sizes.entries()) {
        yield {
          size,
          images: wave(2 * 64 * 32 * 3, 2, at),
          indices: [1 - at, 3 - at], // 1 and 3, then 0 and 2
          imageSizes: [size, { width: 30, height: 20 }],
          paddedSizes: [size, { width: 32, height: 32 }],
          scales: [{ x: 1, y: 1 }, { x: 0.5, y: 0.25 }],
        };
      }
    }
    try {
      for (const kind of KINDS) {
        for (const regMax of kind.startsWith("gfl") ? [4] : [4, null]) {
          const before = tf.memory().numTensors;
          const detector = livelyDetector(kind, regMax);
          const held = tf.memory().numTensors;
          const found = await predict({ detector, batches: batches() });
          assert.equal(tf.memory().numTensors, held);
          assert.equal(found.length, 4);
          for await (const batch of batches()) {
            const anchors = anchorsOf(detector.config, batch.size);
            const images = imagesOf(batch);
            const { features, ...outputs } = detector.forward(images, {
              training: false,
            });
            for (const [row, index] of batch.indices.entries()) {
              const said: [string, Float32Array][] = [];
              for (const [name, tensor] of Object.entries(outputs)) {
                const of = tf.gather(tensor, [row]);
                said.push([name, await of.data<"float32">()]);
                of.dispose();
              }
              const { boxes, scores, labels } = decodeDetections({
                kind,
                ...Object.fromEntries(said) as unknown as ImageLogits,
                anchors,
                imageSize: batch.imageSizes[row],
                scale: row === 0 ? [1, 1] : [0.5, 0.25],
                valid: validAnchors(anchors, batch.paddedSizes[row]),
              });
              assert.ok(scores.length > 0);
              assert.deepEqual([...found[index].labels], [...labels]);
              assertClose(found[index].scores, scores, { absolute: 1e-5 });
              assertClose(found[index].boxes, boxes, { absolute: 1e-3 });
            }
            tf.dispose([images, ...features, ...Object.values(outputs)]);
          }
          detector.dispose();
          assert.equal(tf.memory().numTensors, before);
        }
      }
    } finally {
      await tf.setBackend("tensorflow");
    }
  });
}

Deno.test("predict() finds what it finds in each image alone, in the dataset's order, where a loader groups images by size", async () => {
  // Group norms of its head see all padding.
  const detector = livelyDetector("gfl", 4);
  const { images, ...scenes } = makeScenes({ seed: 1, count: 4 });
  const tall = makeScenes({ seed: 2, count: 4, width: 96, height: 128 });
  const wide = makeScenes({ seed: 3, count: 4, width: 128, height: 48 });
  const dataset = {
    ...scenes,
    images: images.flatMap((image, i) => [
      tall.images[i],
      wide.images[i],
      image,
    ]),
  };
  const scale = [128, 64] as const; // 64x85, 128x48 and 85x64: three sizes
  const input = {
    kind: "keepRatio",
    train: { mode: "value", scales: [scale] },
    test: scale,
  } as const;
  const one = (index: number) => ({
    ...dataset,
    images: [dataset.images[index]],
  });
  const detect = (dataset: Dataset, batchSize: number) =>
    predict({
      detector,
      batches: createEvaluationLoader({ dataset, input, batchSize }),
    });
  const together = await detect(dataset, 3);
  for (const index of dataset.images.keys()) {
    const [alone] = await detect(one(index), 1);
    assert.deepEqual([...together[index].labels], [...alone.labels]);
    assertClose(together[index].boxes, alone.boxes, { absolute: 1e-3 });
  }
  detector.dispose();
});
