import assert from "node:assert/strict";
import fc from "fast-check";
import { cocoPrecisionRecall } from "ldlab/eval/coco_curves.ts";
import { readCocoResults, writeCocoResults } from "ldlab/eval/coco_results.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { imagesOf } from "./coco_json.ts";

// tests/golden/coco_curves.json holds results as pycocotools 2.0.11 read them,
// and what it made of them: what equals them it reads alike.
for (const golden of await goldenCases("coco_curves")) {
  const { gt, dt } = golden.inputs;

  Deno.test(`writeCocoResults() gives the records that pycocotools read when case is ${golden.name}`, () => {
    const read = readCocoResults(JSON.stringify(dt), gt);
    assert.deepEqual(JSON.parse(writeCocoResults(read, gt)), dt);
  });

  Deno.test(`readCocoResults() gives detections with pycocotools' recall when case is ${golden.name}`, () => {
    const { truth, classes } = imagesOf(golden.inputs);
    const curves = cocoPrecisionRecall(truth, readCocoResults(dt, gt), {
      numClasses: classes.length,
      maxDetections: golden.params.maxDets,
    });
    const expected = golden.outputs.recall.data
      .map((value: number) => value === -1 ? NaN : value);
    assertClose(curves.recall, expected, { absolute: 1e-12 });
  });
}

const ids = {
  images: [{ id: 7 }, { id: "left/7" }, { id: 9 }],
  categories: [{ id: 1 }, { id: 3 }, { id: 90 }],
};

const size = fc.float({ min: 0, max: 4096, noNaN: true })
  .map((value) => value + 0); // JSON knows no -0
const detections = fc.array(
  fc.record({
    edges: fc.tuple(size, size, size, size),
    score: fc.float({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    label: fc.nat(2),
  }),
  { maxLength: 5 },
).map((found) => {
  found.sort((a, b) => b.score - a.score);
  return {
    boxes: Float32Array.from(found.flatMap(({ edges: [a, b, c, d] }) => [
      Math.min(a, c),
      Math.min(b, d),
      Math.max(a, c),
      Math.max(b, d),
    ])),
    scores: Float32Array.from(found, ({ score }) => score),
    labels: Int32Array.from(found, ({ label }) => label),
  };
});

Deno.test("readCocoResults() gives back what writeCocoResults() wrote, bit by bit", () => {
  fc.assert(
    fc.property(fc.tuple(detections, detections, detections), (found) => {
      const text = writeCocoResults(found, ids);
      assert.deepEqual(readCocoResults(text, ids), found);
    }),
  );
});

Deno.test("readCocoResults() gives back edges left of the image, and boxes of no area", () => {
  const boxes = new Float32Array([-3.3, -1e-3, 5.1, 0, 2, 2, 2, 2]);
  const found = [{
    boxes,
    scores: new Float32Array([0.9, 0.1]),
    labels: new Int32Array(2),
  }];
  const own = { ...ids, images: [{ id: 1 }] };
  assert.deepEqual(readCocoResults(writeCocoResults(found, own), own), found);
});

Deno.test("readCocoResults() sorts by score and passes over further fields", () => {
  const record = { image_id: 9, category_id: 90, bbox: [1, 2, 3, 4] };
  const [, none, found] = readCocoResults([
    { ...record, score: 0.25, area: 12 },
    { ...record, score: 0.75, segmentation: [] },
  ], ids);
  assert.deepEqual([...found.scores], [0.75, 0.25]);
  assert.equal(none.labels.length, 0);
  assert.deepEqual(readCocoResults("[]", ids).length, 3);
});

const good = { image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], score: 0.5 };

Deno.test("readCocoResults() names what is not JSON, or no list of results", () => {
  const text = JSON.stringify([good]);
  const read = (text: string) => () => readCocoResults(text, ids, "dt.json");
  for (const cut of [text.slice(0, -1), text.slice(0, 30), ""]) {
    assert.throws(read(cut), {
      name: "SyntaxError",
      message:
        /^Cannot read dt\.json: it is not JSON \(.+\)\. Where it ends early, write it again/,
    });
  }
  assert.throws(read('[{"score": NaN}]'), {
    name: "SyntaxError",
    message: /NaN and Infinity are not JSON, leave such records out/,
  });
  assert.throws(read('{"annotations": []}'), {
    name: "SyntaxError",
    message: /^Cannot read dt\.json: it must be an array of results/,
  });
});

Deno.test("readCocoResults() names the record at fault and what would be right", () => {
  const cases: [unknown, string, RegExp][] = [
    [null, "SyntaxError", /must have a field "image_id", a number or string/],
    [{ ...good, image_id: [7] }, "SyntaxError", /"image_id"/],
    [{ ...good, category_id: "3" }, "SyntaxError", /"category_id", a number/],
    [{ ...good, bbox: [1, 2, 3] }, "SyntaxError", /"bbox", four numbers/],
    [{ ...good, bbox: [1, null, 3, 4] }, "SyntaxError", /"bbox", four numbers/],
    [{ ...good, score: undefined }, "SyntaxError", /"score", a number/],
    [{ ...good, image_id: 8 }, "RangeError", /image_id 8, .* the 3 images/],
    [{ ...good, image_id: "7" }, "RangeError", /image_id "7", which is not/],
    [
      { ...good, category_id: 2 },
      "RangeError",
      /among the categories 1, 3, 90/,
    ],
    [
      { ...good, bbox: [1, NaN, 3, 4] },
      "RangeError",
      /finite .*\[1, NaN, 3, 4\]/,
    ],
    [{ ...good, bbox: [1, 2, 1e39, 4] }, "RangeError", /finite/],
    [{ ...good, score: Infinity }, "RangeError", /finite .*and Infinity/],
    [
      { ...good, bbox: [1, 2, -3, 4] },
      "RangeError",
      /negative width .*\[1, 2, -3, 4\]/,
    ],
    [
      { ...good, bbox: [1, 2, 3, -4] },
      "RangeError",
      /negative width or height/,
    ],
  ];
  for (const [record, name, why] of cases) {
    assert.throws(
      () => readCocoResults([good, record], ids),
      (error: Error) => {
        assert.equal(error.name, name);
        assert.match(error.message, /^Cannot read COCO results: record 1 /);
        assert.match(error.message, why);
        return true;
      },
    );
  }
});

Deno.test("writeCocoResults() names the detection at fault and what would be right", () => {
  const found = { boxes: [1, 2, 3, 4], scores: [0.5], labels: [0] };
  const none = { boxes: [], scores: [], labels: [] };
  const write = (change: object) => () =>
    writeCocoResults([none, { ...found, ...change }, none], ids);
  const cases: [object, RegExp][] = [
    [{ labels: [3] }, /label 3, for which there is no category: there are 3/],
    [{ boxes: [1, NaN, 3, 4] }, /finite edges .*\[1, NaN, 3, 4\] and 0\.5/],
    [{ scores: [Infinity] }, /finite score/],
    [{ boxes: [3, 2, 1, 4] }, /is inverted: .*\[3, 2, 1, 4\]/],
  ];
  for (const [change, why] of cases) {
    assert.throws(write(change), (error: Error) => {
      assert.equal(error.name, "RangeError");
      assert.match(error.message, /detection 0 of image "left\/7" /);
      assert.match(error.message, why);
      return true;
    });
  }
  assert.throws(() => writeCocoResults([none], ids), TypeError);
  const twice = { ...ids, categories: [{ id: 1 }, { id: 1 }] };
  assert.throws(() => writeCocoResults([none, none, none], twice), {
    name: "RangeError",
    message: "Cannot write COCO results: the ids of categories must differ: " +
      "1 stands twice",
  });
});
