import assert from "node:assert/strict";
import {
  type CocoDetections,
  type CocoFigures,
  type CocoGroundTruth,
  cocoIouThresholds,
  evaluateCoco,
} from "ldlab/eval/coco.ts";
import { goldenCases } from "../golden.ts";

type Row = {
  id: number;
  image_id: number;
  category_id: number;
  bbox: [number, number, number, number];
  area: number;
  iscrowd: number;
  score: number;
};

/** COCO's JSON as images in the order of their ids, classes likewise. */
function imagesOf({ gt, dt }: {
  gt: { images: Row[]; categories: Row[]; annotations: Row[] };
  dt: Row[];
}): { truth: CocoGroundTruth[]; found: CocoDetections[]; classes: number[] } {
  const ids = (rows: Row[]) => rows.map(({ id }) => id).sort((a, b) => a - b);
  const classes = ids(gt.categories);
  const fields = (rows: Row[], image: number) => {
    const own = rows.filter((row) => row.image_id === image);
    return {
      boxes: own.flatMap(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h]),
      labels: own.map((row) => classes.indexOf(row.category_id)),
      areas: own.map((row) => row.area),
      crowd: own.map((row) => row.iscrowd),
      scores: own.map((row) => row.score),
    };
  };
  const images = ids(gt.images);
  return {
    truth: images.map((image) => {
      const { scores: _, ...truth } = fields(gt.annotations, image);
      return truth;
    }),
    found: images.map((image) => {
      const { boxes, labels, scores } = fields(dt, image);
      return { boxes, labels, scores };
    }),
    classes,
  };
}

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
    assert.equal(Object.keys(outputs.stats).length, 12);
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
});
