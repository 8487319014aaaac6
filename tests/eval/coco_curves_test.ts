import assert from "node:assert/strict";
import { averageCocoCurves, meanCocoCurve } from "ldlab/eval/coco_average.ts";
import { evaluateCoco } from "ldlab/eval/coco.ts";
import { cocoPrecisionRecall } from "ldlab/eval/coco_curves.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { imagesOf } from "./coco_json.ts";

// tests/golden/coco_curves.json: pycocotools 2.0.11; -1 where we say NaN.
for (const golden of await goldenCases("coco_curves")) {
  const { truth, found, classes } = imagesOf(golden.inputs);
  const { maxDets, thresholds } = golden.params;
  const nanOf = (values: number[]) => values.map((v) => v === -1 ? NaN : v);
  const curves = cocoPrecisionRecall(truth, found, {
    numClasses: classes.length,
    maxDetections: maxDets,
  });

  Deno.test(`cocoPrecisionRecall() equals pycocotools' arrays when case is ${golden.name}`, () => {
    const { precision, recall } = golden.outputs;
    assert.deepEqual(precision.shape.slice(1), [
      101,
      classes.length,
      4,
      maxDets.length,
    ]);
    const size = curves.precision.length / 10;
    const chosen = thresholds.flatMap((t: number) => [
      ...curves.precision.subarray(t * size, (t + 1) * size),
    ]);
    assertClose(chosen, nanOf(precision.data), { absolute: 1e-12 });
    assertClose(curves.recall, nanOf(recall.data), { absolute: 1e-12 });
  });

  Deno.test(`averageCocoCurves() takes the mean of what pycocotools' arrays hold when case is ${golden.name}`, () => {
    const [first] = thresholds;
    const { precision, recall } = golden.outputs;
    const [classCount, limits] = [classes.length, maxDets.length];
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const [m, maxDetections] of maxDets.entries()) {
      for (const [s, area] of (["all", "small", "medium"] as const).entries()) {
        const at = (index: number) =>
          Math.floor(index / limits) % 4 === s && index % limits === m;
        const picked = (data: number[]) =>
          data.filter((value, index) => at(index) && value !== -1);
        const options = { area, maxDetections };
        const recalls = averageCocoCurves(curves, "recall", options);
        assertClose([recalls], [mean(picked(recall.data))], {
          absolute: 1e-12,
        });
        // The first threshold, of class 0.
        const rows = precision.data
          .slice(0, precision.data.length / thresholds.length);
        const own = rows.map((value: number, index: number) =>
          Math.floor(index / limits / 4) % classCount === 0 ? value : -1
        );
        const precisions = averageCocoCurves(curves, "precision", {
          iouIndex: first,
          label: 0,
          ...options,
        });
        assertClose([precisions], [mean(picked(own))], { absolute: 1e-12 });
      }
    }
  });
}

const truth = { boxes: [0, 0, 10, 10], labels: [0] };
const found = { ...truth, scores: [0.5] };

Deno.test("cocoPrecisionRecall() is NaN where there is nothing to be found and 0 where nothing was found", () => {
  const none = { boxes: [], labels: [], scores: [] };
  const options = { numClasses: 1, maxDetections: [100] };
  const missed = cocoPrecisionRecall([truth], [none], options);
  // Small is among the sizes; the boxes are 100 px².
  assert.deepEqual([...missed.recall.subarray(0, 4)], [0, 0, NaN, NaN]);
  assert.deepEqual([...missed.precision.subarray(0, 4)], [0, 0, NaN, NaN]);
  const nothing = cocoPrecisionRecall([none], [found], options);
  assert.ok(nothing.precision.every(Number.isNaN));
  assert.ok(Number.isNaN(averageCocoCurves(nothing, "precision")));
});

Deno.test("cocoPrecisionRecall() has no images when there are none", () => {
  const { precision } = cocoPrecisionRecall([], [], { numClasses: 2 });
  assert.equal(precision.length, 10 * 101 * 2 * 4 * 3);
  assert.ok(Number.isNaN(evaluateCoco([], [], { numClasses: 2 }).ap));
});

Deno.test("cocoPrecisionRecall() rejects limits that do not rise", () => {
  for (const maxDetections of [[], [0], [1.5], [10, 10], [100, 1]]) {
    assert.throws(
      () =>
        cocoPrecisionRecall([truth], [found], { numClasses: 1, maxDetections }),
      {
        name: "RangeError",
        message: /maxDetections must be rising whole numbers of at least 1/,
      },
    );
  }
});

Deno.test("averageCocoCurves() rejects what the curves do not hold", () => {
  const curves = cocoPrecisionRecall([truth], [found], { numClasses: 1 });
  for (
    const selection of [
      { maxDetections: 300 },
      { label: 1 },
      { iouIndex: 10 },
      { area: "tiny" as "small" },
    ]
  ) {
    for (const  of of["precision", "recall"] as const) {
      assert.throws(() => averageCocoCurves(curves, of, selection), RangeError);
    }
  }
});

Deno.test("meanCocoCurve() is the mean over classes that have boxes", () => {
  const two = { boxes: [...truth.boxes, 50, 50, 60, 60], labels: [0, 1] };
  const curves = cocoPrecisionRecall([two], [found], { numClasses: 3 });
  // Class 0 was found, class 1 was not, class 2 is not there.
  const expected = Array(101).fill(0.5);
  assertClose(meanCocoCurve(curves), expected, { absolute: 1e-12 });
  const [one] = meanCocoCurve(curves, { label: 0, iouIndex: 9 });
  assertClose([one], [1], { absolute: 1e-12 });
  assert.ok(meanCocoCurve(curves, { label: 2 }).every(Number.isNaN));
});
