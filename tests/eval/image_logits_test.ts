import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { boxLogitErrorMap } from "ldlab/eval/box_logit_error_map.ts";
import { imageLogits } from "ldlab/eval/image_logits.ts";
import { teacherStudentErrors } from "ldlab/eval/teacher_student_errors.ts";
import { wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

const engine = await openEngine();
const input = { width: 64, height: 64 };
const anchors = makeAnchors(input);
const make = (seed: number) =>
  createDetector({
    kind: "gfl",
    numClasses: 3,
    backbone: { depth: 18, baseWidth: 4 },
    neckChannels: 8,
    headChannels: 8,
    headConvs: 1,
    groups: 4,
  }, { seed });

/** Three images in batches of two; the last one is filled up. */
async function* batches() {
  await Promise.resolve();
  for (const [phase, indices] of [[1, [2, 0]], [2, [1]]] as const) {
    const sizes = indices.map(() => input);
    yield {
      size: input,
      images: wave(2 * 64 * 64 * 3, 1, phase),
      indices,
      imageSizes: sizes,
      paddedSizes: sizes,
      scales: indices.map(() => ({ x: 1, y: 1 })),
    };
  }
}

Deno.test("imageLogits() gives each detector's own outputs of each image, and leaves no tensor", async () => {
  const before = engine.memory();
  const detectors = [make(1), make(2)];
  const all = [];
  const seen: number[] = [];
  for await (
    const { logits, index } of imageLogits({ detectors, batches: batches() })
  ) {
    all.push(logits);
    seen.push(index);
  }
  assert.deepEqual(seen, [2, 0, 1]);
  // The second image of the first batch, from the detector itself.
  const images = tf.tensor4d(wave(2 * 64 * 64 * 3, 1, 1), [2, 64, 64, 3]);
  for (const [index, detector] of detectors.entries()) {
    const outputs = detector.forward(images, { training: false });
    for (const name of ["classLogits", "boxLogits"] as const) {
      const values = await outputs[name].data<"float32">();
      assertClose(all[1][index][name], values.subarray(values.length / 2), {
        ofLargest: 1e-5,
      });
    }
    tf.dispose([
      outputs.classLogits,
      outputs.boxLogits,
      ...outputs.features,
    ]);
    detector.dispose();
  }
  images.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("teacherStudentErrors() and boxLogitErrorMap() are zero between equal networks, not between others", async () => {
  const detectors = [make(1), make(1), make(2)];
  const same = teacherStudentErrors({ anchors });
  const other = teacherStudentErrors({ anchors });
  for await (
    const { logits } of imageLogits({ detectors, batches: batches() })
  ) {
    const [student, equal, different] = logits;
    same.add(student, equal);
    other.add(student, different);
    const maps = boxLogitErrorMap(student.boxLogits, equal.boxLogits, {
      anchors,
    });
    assert.ok(maps.every(({ errors }) => errors.every((e) => e === 0)));
  }
  for (const { scores, boxes } of same.mean()) {
    assert.deepEqual([scores, boxes], [0, 0]);
  }
  for (const { scores, boxes } of other.mean()) {
    assert.ok(scores > 0 && boxes > 0);
  }
  detectors.forEach((detector) => detector.dispose());
});

Deno.test("imageLogits() refuses images that have not the size of their batch", async () => {
  const detectors = [make(1)];
  async function* wrong() {
    for await (const batch of batches()) {
      yield { ...batch, size: { width: 64, height: 32 + 16 } };
    }
  }
  await assert.rejects(
    async () => {
      for await (const _ of imageLogits({ detectors, batches: wrong() }));
    },
    {
      name: "TypeError",
      message: "Cannot run a detector: images must be [B, 48, 64, 3] as the " +
        "batch's size says: current length is 24576",
    },
  );
  detectors[0].dispose();
});

Deno.test("imageLogits() ends the batches and frees its steps when the loop is left", async () => {
  const before = engine.memory();
  const detectors = [make(1)];
  let ended = false;
  async function* watched() {
    try {
      yield* batches();
    } finally {
      ended = true;
    }
  }
  for await (const _ of imageLogits({ detectors, batches: watched() })) {
    break;
  }
  assert.ok(ended);
  detectors[0].dispose();
  assert.deepEqual(engine.memory(), before);
});
