import assert from "node:assert/strict";
import { evaluateVocInWorker } from "ldlab/eval/evaluate_voc_in_worker.ts";
import { evaluateVoc } from "ldlab/eval/voc.ts";

const groundTruth = [{
  boxes: new Float32Array([0, 0, 40, 40, 50, 50, 90, 90]),
  labels: new Int32Array([0, 1]),
  difficult: new Uint8Array([0, 1]),
  // A record may hold more, also what cannot be sent to a worker.
  draw: () => {},
}];
const detections = [{
  boxes: new Float32Array([0, 0, 40, 36, 50, 50, 90, 70]),
  scores: new Float32Array([0.9, 0.8]),
  labels: new Int32Array([0, 1]),
}];

Deno.test("evaluateVocInWorker() gives what evaluateVoc() gives, whatever the options", async () => {
  for (
    const options of [
      { numClasses: 2 },
      { numClasses: 2, interpolation: "area", iouThresholds: [0.4] },
    ] as const
  ) {
    assert.deepEqual(
      await evaluateVocInWorker(groundTruth, detections, options),
      evaluateVoc(groundTruth, detections, options),
    );
  }
});

Deno.test("evaluateVocInWorker() throws what evaluateVoc() throws, and ends when the signal is aborted", async () => {
  await assert.rejects(
    evaluateVocInWorker(groundTruth, detections, { numClasses: 1 }),
    { name: "RangeError", message: /must be in \[0, 1\): current value is 1/ },
  );
  const stop = new AbortController();
  const running = evaluateVocInWorker(groundTruth, detections, {
    numClasses: 2,
    signal: stop.signal,
  });
  stop.abort(new Error("Stopped"));
  await assert.rejects(running, /Stopped/);
});
