import assert from "node:assert/strict";
import fc from "fast-check";
import { type CocoFigures, evaluateCoco } from "ldlab/eval/coco.ts";
import { cocoIouThresholds } from "ldlab/eval/coco_curves.ts";
import { goldenCases } from "../golden.ts";
import { imagesOf } from "./coco_json.ts";
import {
  CLASSES,
  evaluation,
  perfect,
  truths,
  withFalsePositive,
} from "./made_up_images.ts";

/** pycocotools' names of our figures. */
const names: Record<string, Exclude<keyof CocoFigures, "apPerIou">> = {
  AP: "ap",
  AP50: "ap50",
  AP75: "ap75",
  APs: "apSmall",
  APm: "apMedium",
  APl: "apLarge",
  AR1: "ar1",
  AR10: "ar10",
  AR100: "ar100",
  ARs: "arSmall",
  ARm: "arMedium",
  ARl: "arLarge",
};

function assertFigure(actual: number, expected: number, what: string): void {
  if (expected === -1) assert.ok(Number.isNaN(actual), `${what}: ${actual}`);
  else {
    assert.ok(
      Math.abs(actual - expected) <= 1e-9,
      `${what} is ${actual}, expected ${expected}`,
    );
  }
}

// tests/golden/coco_map.json: pycocotools 2.0.11, printed in full precision.
for (const { name, inputs, outputs } of await goldenCases("coco_map")) {
  Deno.test(`evaluateCoco() equals pycocotools to 1e-9 when case is ${name}`, () => {
    const { truth, found, classes } = imagesOf(inputs);
    const metrics = evaluateCoco(truth, found, { numClasses: classes.length });
    for (const [stat, expected] of Object.entries(outputs.stats)) {
      assertFigure(metrics[names[stat]], expected as number, stat);
    }
    for (const [label, id] of classes.entries()) {
      for (const [stat, expected] of Object.entries(outputs.per_class[id])) {
        assertFigure(
          metrics.perClass[label][names[stat]],
          expected as number,
          `${stat} of class ${id}`,
        );
      }
    }
    for (const [index, threshold] of cocoIouThresholds.entries()) {
      assertFigure(
        metrics.apPerIou[index],
        outputs.AP_per_iou[threshold.toFixed(2)],
        `AP at ${threshold}`,
      );
    }
  });
}

Deno.test("evaluateCoco() is perfect when detections are the ground truth", () => {
  const boxes = [[0, 0, 20, 20], [30, 30, 90, 90], [0, 0, 200, 100]].flat();
  const labels = [0, 1, 0];
  const metrics = evaluateCoco(
    [{ boxes, labels }, { boxes: [], labels: [] }],
    [{ boxes, labels, scores: [0.9, 0.8, 0.7] }, {
      boxes: [],
      labels: [],
      scores: [],
    }],
    { numClasses: 2 },
  );
  for (const name of Object.values(names)) {
    if (name === "ar1") continue; // class 0 has two boxes in one image
    assertFigure(metrics[name], 1, name);
  }
  assertFigure(metrics.ar1, 0.75, "ar1");
  assertFigure(metrics.perClass[0].ar1, 0.5, "ar1 of class 0");
});

Deno.test("evaluateCoco() takes a given area before width times height", () => {
  const truth = { boxes: [0, 0, 50, 50], labels: [0] }; // 2500 px²: medium
  const found = { boxes: [0, 0, 50, 50], labels: [0], scores: [1] };
  const given = evaluateCoco([{ ...truth, areas: [900] }], [found], {
    numClasses: 1,
  });
  assertFigure(given.apSmall, 1, "apSmall");
  assertFigure(given.apMedium, -1, "apMedium");
  const derived = evaluateCoco([truth], [found], { numClasses: 1 });
  assertFigure(derived.apSmall, -1, "apSmall");
  assertFigure(derived.apMedium, 1, "apMedium");
});

Deno.test("evaluateCoco() does not punish detections in a crowd", () => {
  const found = {
    boxes: [0, 0, 10, 10, 100, 100, 110, 110, 120, 100, 130, 110],
    labels: [0, 0, 0],
    scores: [0.5, 0.9, 0.8],
  };
  const boxes = [0, 0, 10, 10, 90, 90, 200, 200];
  const labels = [0, 0];
  const options = { numClasses: 1 };
  const crowd = [{ boxes, labels, crowd: [0, 1] }];
  assertFigure(evaluateCoco(crowd, [found], options).ap, 1, "ap");
  // As an ordinary box: precision 1/3 up to recall 1/2, 51 samples of 101.
  const ordinary = evaluateCoco([{ boxes, labels }], [found], options);
  assertFigure(ordinary.ap, 51 / 3 / 101, "ap");
});

Deno.test("evaluateCoco() counts the 100 best detections of a class and image", () => {
  const far = Array.from({ length: 100 }, () => [50, 50, 60, 60]);
  const evaluate = (count: number) =>
    evaluateCoco([{ boxes: [0, 0, 10, 10], labels: [0] }], [{
      boxes: [[0, 0, 10, 10], ...far.slice(0, count)].flat(),
      labels: Array(count + 1).fill(0),
      scores: [0.1, ...Array(count).fill(0.9)],
    }], { numClasses: 1 });
  assertFigure(evaluate(99).ap, 1 / 100, "ap");
  assertFigure(evaluate(100).ap, 0, "ap");
});

Deno.test("evaluateCoco() rejects what does not fit", () => {
  const truth = { boxes: [0, 0, 1, 1], labels: [0] };
  const found = { ...truth, scores: [0.5] };
  const options = { numClasses: 1 };
  assert.throws(() => evaluateCoco([truth], [], options), TypeError);
  assert.throws(
    () => evaluateCoco([truth], [{ ...found, scores: [] }], options),
    {
      name: "TypeError",
      message: "Cannot evaluate: detections of image 0 must have 1 scores, " +
        "one for each label: current number is 0",
    },
  );
  assert.throws(
    () => evaluateCoco([{ ...truth, areas: [1, 2] }], [found], options),
    TypeError,
  );
  assert.throws(
    () => evaluateCoco([{ ...truth, labels: [1] }], [found], options),
    RangeError,
  );
  assert.throws(
    () => evaluateCoco([truth], [{ ...found, scores: [NaN] }], options),
    {
      name: "RangeError",
      message: "Cannot evaluate: scores in the detections of image 0 must be " +
        "numbers: current value 0 is NaN",
    },
  );
  assert.throws(
    () => evaluateCoco([{ ...truth, boxes: [0, NaN, 1, 1] }], [found], options),
    RangeError,
  );
});

const options = { numClasses: CLASSES };

Deno.test("evaluateCoco() gives an AP of 1 when detections are any ground truth", () => {
  fc.assert(fc.property(truths, (truths) => {
    const { ap, ar100 } = evaluateCoco(truths, truths.map(perfect), options);
    assertFigure(ap, 1, "ap");
    assertFigure(ar100, 1, "ar100");
  }));
});

Deno.test("evaluateCoco() gives no higher AP when a false positive with the highest score is added", () => {
  fc.assert(
    fc.property(evaluation, ({ truths, detections: [first, ...rest] }) => {
      const before = evaluateCoco(truths, [first, ...rest], options);
      for (let label = 0; label < CLASSES; label++) {
        const worse = [withFalsePositive(first, label), ...rest];
        const after = evaluateCoco(truths, worse, options);
        assert.ok(after.ap <= before.ap + 1e-12);
        assert.equal(after.ar100, before.ar100);
      }
    }),
  );
});

Deno.test("evaluateCoco() does not look at the order of images when scores are distinct", () => {
  fc.assert(fc.property(evaluation, ({ truths, detections, order }) => {
    const shuffled = evaluateCoco(
      order.map((index) => truths[index]),
      order.map((index) => detections[index]),
      options,
    );
    assert.deepEqual(shuffled, evaluateCoco(truths, detections, options));
  }));
});
