import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import type { PredictBatch } from "ldlab/eval/image_logits.ts";
import { predict } from "ldlab/eval/predict.ts";
import {
  goldenDetector,
  modelCase,
  modelTensors,
} from "../detectors/gfl_model.ts";
import { assertClose } from "../golden.ts";

const engine = await openEngine();

// tests/golden/model.json, predict_eval: mmdet 3.3.0 GFL.predict.
const { shape, data } = modelTensors.get("input")!; // [B, 3, H, W]
const [count, , height, width] = shape;
const input = { width, height };
const anchors = makeAnchors(input);
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
    yield { images: padded, scales };
  }
}

Deno.test("predict() equals MMDetection's GFL.predict", async () => {
  const detector = goldenDetector();
  const found = await predict({
    detector,
    batches: inBatches(),
    anchors,
    input,
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
  const options = { detector, anchors, input };
  const [once] = await predict({ ...options, batches: inBatches() });
  const [half] = await predict({ ...options, batches: inBatches(0.5) });
  assertClose(half.boxes, once.boxes.map((x) => 2 * x), { absolute: 1e-4 });
  detector.dispose();
});

Deno.test("predict() decodes as it is told", async () => {
  const detector = goldenDetector();
  const options = { detector, anchors, input };
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
    predict({ detector, batches: inBatches(), anchors, input, signal }),
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
    anchors,
    input,
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
      anchors,
      input,
      signal: stop.signal,
    }),
    { name: "AbortError" },
  );
  detector.dispose();
});

Deno.test("predict() leaves no tensor or handle behind", async () => {
  const before = engine.memory();
  const detector = goldenDetector();
  await predict({ detector, batches: inBatches(), anchors, input });
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("predict() leaves no tensor behind when the forward pass or the loop fails", async () => {
  const before = engine.memory();
  const detector = goldenDetector();
  // The first use gives the weights their handles.
  await predict({ detector, batches: inBatches(), anchors, input });
  const held = engine.memory();
  const failing = {
    ...detector,
    forward: () => {
      throw new Error("no forward");
    },
  };
  const options = { batches: inBatches(), anchors, input };
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
