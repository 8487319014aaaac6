import assert from "node:assert/strict";
import fc from "fast-check";
import { readVoc } from "ldlab/data/voc.ts";
import {
  evaluateVoc,
  type VocGroundTruth,
  vocIouThresholds,
} from "ldlab/eval/voc.ts";
import { assertClose, goldenCases, type GoldenTensor } from "../golden.ts";
import {
  CLASSES,
  evaluation,
  perfect,
  truths,
  withFalsePositive,
} from "./made_up_images.ts";

/** `eval_map`'s annotation, ignored boxes being difficult ones. */
function truthOf(annotation: Record<string, GoldenTensor>): VocGroundTruth {
  const { bboxes, labels, bboxes_ignore, labels_ignore } = annotation;
  return {
    boxes: [...bboxes.data, ...bboxes_ignore.data],
    labels: [...labels.data, ...labels_ignore.data],
    difficult: [
      ...labels.data.map(() => 0),
      ...labels_ignore.data.map(() => 1),
    ],
  };
}

/** `eval_map`'s rows x1, y1, x2, y2, score of each class of an image. */
function detectionsOf(classes: GoldenTensor[]) {
  const rows = classes.flatMap(({ data, shape }, label) =>
    Array.from({ length: shape[0] }, (_, i) => ({
      label,
      row: data.slice(i * 5, i * 5 + 5),
    }))
  );
  return {
    boxes: rows.flatMap(({ row }) => row.slice(0, 4)),
    scores: rows.map(({ row }) => row[4]),
    labels: rows.map(({ label }) => label),
  };
}

// tests/golden/voc_map.json: mmdet 3.3.0 eval_map. A class without boxes has
// AP 0 there and is left out of the mean.
for (const { name, inputs, outputs } of await goldenCases("voc_map")) {
  const groundTruth = inputs.anns.map(truthOf);
  const detections = inputs.dets.map(detectionsOf);
  const numClasses = inputs.dets[0].length;
  for (const interpolation of ["11points", "area"] as const) {
    for (const legacyCoordinates of [false, true]) {
      const way = `${interpolation}_legacy${Number(legacyCoordinates)}`;
      Deno.test(`evaluateVoc() equals eval_map when case is ${name}, ${way}`, () => {
        const { ap, perIou } = evaluateVoc(groundTruth, detections, {
          numClasses,
          interpolation,
          legacyCoordinates,
        });
        const expected = vocIouThresholds.map((threshold) =>
          outputs[`${way}_${threshold.toFixed(2)}`]
        );
        const tolerance = { absolute: 1e-6 };
        // Without any box the mean is 0 there and NaN here, as each AP.
        const means = expected.map(({ mAP, num_gts }) =>
          num_gts.every((count: number) => count === 0) ? NaN : mAP
        );
        assertClose(perIou.map(({ ap }) => ap), means, tolerance);
        const sum = means.reduce((sum, mean) => sum + mean, 0);
        assertClose([ap], [sum / means.length], tolerance);
        for (const [t, { perClass }] of perIou.entries()) {
          const { num_gts, num_dets, ap } = expected[t];
          assert.deepEqual(perClass.map(({ gts }) => gts), num_gts);
          assert.deepEqual(perClass.map(({ dets }) => dets), num_dets);
          const filled = ap.map((value: number, label: number) =>
            num_gts[label] === 0 ? NaN : value
          );
          assertClose(perClass.map((row) => row.ap), filled, tolerance);
        }
      });
    }
  }
}

const one = { numClasses: 1, iouThresholds: [0.5] };
const box = [0, 0, 10, 10];
const far = [50, 50, 60, 60];

/** The only row of the only table. */
function row(
  truth: VocGroundTruth,
  boxes: number[][],
  options: { iouThresholds?: number[]; interpolation?: "area" } = {},
) {
  const found = {
    boxes: boxes.flat(),
    scores: boxes.map((_, index) => 1 - index / 10),
    labels: boxes.map(() => 0),
  };
  return evaluateVoc([truth], [found], { ...one, ...options })
    .perIou[0].perClass[0];
}

Deno.test("evaluateVoc() counts a second match of a box as wrong, even where another box is free", () => {
  // Both detections overlap the first box most, the second one with IoU 9/11.
  const truth = { boxes: [...box, 1, 0, 11, 10], labels: [0, 0] };
  const { recall, ap } = row(truth, [box, box], { interpolation: "area" });
  assert.deepEqual([recall, ap], [0.5, 0.5]);
});

Deno.test("evaluateVoc() lets a difficult box swallow any number of detections", () => {
  const truth = { boxes: [...box, ...far], labels: [0, 0], difficult: [0, 1] };
  const swallowed = row(truth, [far, far, box], { interpolation: "area" });
  assert.deepEqual(swallowed, { gts: 1, dets: 3, recall: 1, ap: 1 });
  const ordinary = { ...truth, difficult: [0, 0] };
  // Right, wrong, right of two: 1/2 at precision 1, 1/2 at 2/3.
  const { ap } = row(ordinary, [far, far, box], { interpolation: "area" });
  assertClose([ap], [5 / 6], { absolute: 1e-12 });
});

Deno.test("evaluateVoc() takes an ordinary box before a difficult one when they are equal", () => {
  const truth = { boxes: [...box, ...box], labels: [0, 0], difficult: [1, 0] };
  assert.equal(row(truth, [box]).recall, 1);
});

Deno.test("evaluateVoc() matches at an IoU of just the threshold", () => {
  const truth = { boxes: box, labels: [0] };
  for (const height of [5, 6, 7, 8, 9]) {
    const options = { iouThresholds: [height / 10] };
    assert.equal(row(truth, [[0, 0, 10, height]], options).recall, 1);
  }
});

Deno.test("evaluateVoc() counts both edges' pixels with legacy coordinates", () => {
  const found = { boxes: [0, 0, 9, 4], scores: [1], labels: [0] };
  const evaluate = (legacyCoordinates: boolean) =>
    evaluateVoc([{ boxes: [0, 0, 9, 9], labels: [0] }], [found], {
      ...one,
      legacyCoordinates,
    }).ap;
  assert.equal(evaluate(true), 1); // 10 × 5 of 10 × 10
  assert.equal(evaluate(false), 0); // 9 × 4 of 9 × 9
});

Deno.test("evaluateVoc() tells nothing found from nothing to find", () => {
  const nothing = { boxes: [], labels: [] };
  assert.deepEqual(row({ boxes: box, labels: [0] }, []), {
    gts: 1,
    dets: 0,
    recall: 0,
    ap: 0,
  });
  const none = { recall: NaN, ap: NaN };
  assert.deepEqual(row(nothing, [box]), { gts: 0, dets: 1, ...none });
  assert.deepEqual(row(nothing, []), { gts: 0, dets: 0, ...none });
  const hard = { boxes: box, labels: [0], difficult: [1] };
  assert.deepEqual(row(hard, [box]), { gts: 0, dets: 1, ...none });
  assert.ok(Number.isNaN(evaluateVoc([], [], { numClasses: 1 }).ap));
});

Deno.test("evaluateVoc() takes the records of a data set and finds them in themselves", async () => {
  const classes = ["RBC", "WBC", "Platelets"];
  const { images } = await readVoc("data/bccd", { split: "test", classes });
  const found = images.map(({ boxes, labels }) => ({
    boxes,
    labels,
    scores: labels.map(() => 1),
  }));
  const { ap, perIou } = evaluateVoc(images, found, { numClasses: 3 });
  assert.equal(ap, 1);
  // None of them is difficult.
  const boxes = images.reduce((sum, { labels }) => sum + labels.length, 0);
  const gts = perIou[0].perClass.reduce((sum, { gts }) => sum + gts, 0);
  assert.equal(gts, boxes);
});

Deno.test("evaluateVoc() rejects what does not fit", () => {
  const truth = { boxes: box, labels: [0] };
  const found = { ...truth, scores: [0.5] };
  const evaluate = (truth: VocGroundTruth, options: object) =>
    evaluateVoc([truth], [found], { numClasses: 1, ...options });
  assert.throws(() => evaluateVoc([truth], [], one), TypeError);
  assert.throws(() => evaluate({ ...truth, difficult: [] }, {}), {
    name: "TypeError",
    message:
      "Cannot evaluate: ground truth of image 0 must have 1 difficult, " +
      "one for each label: current number is 0",
  });
  for (const label of [1, -1, 0.5, NaN]) {
    assert.throws(
      () => evaluate({ ...truth, labels: [label] }, {}),
      RangeError,
    );
  }
  for (const numClasses of [0, 1.5, undefined]) {
    assert.throws(() => evaluate(truth, { numClasses }), {
      name: "RangeError",
      message: /numClasses must be a whole number from 1/,
    });
  }
  assert.throws(() => evaluate(truth, { interpolation: "12points" }), {
    name: "RangeError",
    message: /interpolation must be "11points" or "area"/,
  });
  for (const iouThresholds of [[], [0], [1.1], [NaN]]) {
    assert.throws(() => evaluate(truth, { iouThresholds }), RangeError);
  }
});

const interpolations = ["11points", "area"] as const;
const options = { numClasses: CLASSES };

Deno.test("evaluateVoc() gives an AP of 1 when detections are any ground truth", () => {
  fc.assert(fc.property(truths, (truths) => {
    for (const interpolation of interpolations) {
      const { ap } = evaluateVoc(truths, truths.map(perfect), {
        ...options,
        interpolation,
      });
      assertClose([ap], [1], { absolute: 1e-12 });
    }
  }));
});

Deno.test("evaluateVoc() gives no higher AP when a false positive with the highest score is added", () => {
  fc.assert(
    fc.property(evaluation, ({ truths, detections: [first, ...rest] }) => {
      for (const interpolation of interpolations) {
        const way = { ...options, interpolation };
        const before = evaluateVoc(truths, [first, ...rest], way);
        for (let label = 0; label < CLASSES; label++) {
          const worse = [withFalsePositive(first, label), ...rest];
          const after = evaluateVoc(truths, worse, way);
          assert.ok(after.ap <= before.ap + 1e-12);
        }
      }
    }),
  );
});

Deno.test("evaluateVoc() does not look at the order of images when scores are distinct", () => {
  fc.assert(fc.property(evaluation, ({ truths, detections, order }) => {
    const shuffled = evaluateVoc(
      order.map((index) => truths[index]),
      order.map((index) => detections[index]),
      options,
    );
    assert.deepEqual(shuffled, evaluateVoc(truths, detections, options));
  }));
});
