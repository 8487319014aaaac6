import assert from "node:assert/strict";
import { evaluateCoco } from "ldlab/eval/coco.ts";
import { evaluateCocoInWorker } from "ldlab/eval/evaluate_coco_in_worker.ts";
import { createRandom } from "ldlab/random/random.ts";

const numClasses = 3;

/** Made-up images, and detections that are each box moved a little. */
function makeImages(count: number, perImage: number) {
  const random = createRandom(1);
  const labels = Int32Array.from({ length: perImage }, (_, box) => box % 3);
  const groundTruth = Array.from({ length: count }, () => ({
    boxes: Float32Array.from(
      Array.from({ length: perImage }, () => {
        const [x, y] = [random() * 500, random() * 400];
        return [x, y, x + 20 + random() * 100, y + 20 + random() * 100];
      }).flat(),
    ),
    labels,
    // A record may hold more, also what cannot be sent to a worker.
    draw: () => {},
  }));
  const detections = groundTruth.map(({ boxes }) => ({
    boxes: boxes.map((side) => side + 10 * random()),
    scores: Float32Array.from(labels, () => random()),
    labels,
  }));
  return { groundTruth, detections };
}

Deno.test("evaluateCocoInWorker() gives what evaluateCoco() gives, and leaves the event loop free", async () => {
  const { groundTruth, detections } = makeImages(400, 60);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const options = { numClasses };
  const metrics = await evaluateCocoInWorker(groundTruth, detections, options);
  clearInterval(timer);
  assert.deepEqual(metrics, evaluateCoco(groundTruth, detections, options));
  assert.ok(metrics.ap > 0.05 && metrics.ap < 0.95, `${metrics.ap}`);
  assert.ok(ticks >= 3, `${ticks} ticks`);
});

Deno.test("evaluateCocoInWorker() throws what evaluateCoco() throws", async () => {
  const { groundTruth, detections } = makeImages(2, 3);
  for (
    const [truth, options] of [
      [groundTruth.slice(1), { numClasses }],
      [groundTruth, { numClasses: 2 }],
    ] as const
  ) {
    let expected: Error;
    try {
      evaluateCoco(truth, detections, options);
      assert.fail("nothing was thrown");
    } catch (error) {
      expected = error as Error;
    }
    await assert.rejects(
      evaluateCocoInWorker(truth, detections, options),
      (error: Error) => {
        assert.ok(error instanceof expected.constructor);
        assert.equal(error.message, expected.message);
        return true;
      },
    );
  }
});

Deno.test("evaluateCocoInWorker() ends when the signal is aborted, before and after it began", async () => {
  const { groundTruth, detections } = makeImages(400, 60);
  const stop = new AbortController();
  const options = { numClasses, signal: stop.signal };
  const running = evaluateCocoInWorker(groundTruth, detections, options);
  stop.abort(new Error("Stopped"));
  await assert.rejects(running, /Stopped/);
  await assert.rejects(
    evaluateCocoInWorker(groundTruth, detections, options),
    /Stopped/,
  );
});
