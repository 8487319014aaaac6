import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { decodeDetections } from "ldlab/eval/decode_detections.ts";
import type { HostTensor } from "ldlab/train/safetensors.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";

/** One image of an NCHW tensor as rows of channels, row-major in H and W. */
function rowsOfImage({ shape, data }: HostTensor, image: number): number[] {
  const [, channels, height, width] = shape;
  const cells = height * width;
  return Array.from(
    { length: cells * channels },
    (_, i) =>
      data[
        (image * channels + i % channels) * cells + Math.floor(i / channels)
      ],
  );
}

// tests/golden/predict.json: GFLHead.predict_by_feat of MMDetection 3.3.0.
const tensors = await goldenTensors("predict");
for (const { name, params, outputs } of await goldenCases("predict")) {
  const { test_cfg: config, strides, featmap_sizes: levelSizes } = params;
  const [height, width] = levelSizes[0].map((side: number) =>
    side * strides[0]
  );
  const anchors = makeAnchors({ height, width, strides, levelSizes });
  const logits = (what: string, image: number) =>
    Float32Array.from(
      levelSizes.flatMap((_: number[], level: number) =>
        rowsOfImage(tensors.get(`${name}/in/${what}.${level}`)!, image)
      ),
    );
  Deno.test(`decodeDetections() equals the reference when case is ${name}`, () => {
    for (const [image, meta] of params.img_metas.entries()) {
      const actual = decodeDetections({
        classLogits: logits("cls_score", image),
        boxLogits: logits("bbox_pred", image),
        anchors,
        imageSize: { height: meta.img_shape[0], width: meta.img_shape[1] },
        scale: params.rescale ? meta.scale_factor : undefined,
        scoreThreshold: config.score_thr,
        preNms: config.nms_pre,
        iouThreshold: config.nms.iou_threshold,
        limit: config.max_per_img,
        minBoxSize: config.min_bbox_size,
      });
      const { bboxes, scores, labels } = outputs[image];
      assert.deepEqual([...actual.labels], labels.data);
      assertClose(actual.boxes, bboxes.data, { absolute: 1e-3 }, "boxes");
      assertClose(actual.scores, scores.data, { absolute: 1e-5 }, "scores");
    }
  });
}

const anchors = makeAnchors({ height: 16, width: 16, strides: [8] });
const boxLogits = new Float32Array(
  Array(4 * 4).fill([-99, 0, -99]).flat(), // one stride to every side
);
const imageSize = { height: 16, width: 16 };

Deno.test("decodeDetections() reads boxes off certain distributions", () => {
  const { boxes, scores, labels } = decodeDetections({
    classLogits: new Float32Array([-20, -20, -20, 1]), // only centre (8, 8)
    boxLogits,
    anchors,
    imageSize,
  });
  assert.deepEqual([...boxes], [0, 0, 16, 16]);
  assert.deepEqual([...labels], [0]);
  assertClose(scores, [1 / (1 + Math.exp(-1))], { absolute: 1e-7 });
});

Deno.test("decodeDetections() keeps the order of anchors and classes when scores are equal", () => {
  const { labels, boxes } = decodeDetections({
    classLogits: new Float32Array(8), // 4 anchors, 2 classes, all 0.5
    boxLogits,
    anchors,
    imageSize: { height: 64, width: 64 },
    iouThreshold: 1,
  });
  assert.deepEqual([...labels], [0, 1, 0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...boxes.slice(8, 12)], [0, 0, 16, 8]);
});

Deno.test("decodeDetections() drops scores that only reach the threshold", () => {
  const decode = (scoreThreshold: number) =>
    decodeDetections({
      classLogits: new Float32Array([0, -20, -20, -20]),
      boxLogits,
      anchors,
      imageSize,
      scoreThreshold,
    }).scores.length;
  assert.equal(decode(0.5), 0);
  assert.equal(decode(0.4999), 1);
});

Deno.test("decodeDetections() cuts each level to the best pairs before suppression", () => {
  const anchors = makeAnchors({ height: 16, width: 16, strides: [8, 16] });
  const { scores } = decodeDetections({
    classLogits: new Float32Array([1, 4, 3, 2, 0]), // four cells, then one
    boxLogits: new Float32Array(Array(5 * 4).fill([-99, 0, -99]).flat()),
    anchors,
    imageSize,
    iouThreshold: 1,
    preNms: 2,
  });
  const expected = [4, 3, 0].map((logit) => 1 / (1 + Math.exp(-logit)));
  assertClose(scores, expected, { absolute: 1e-6 });
});

Deno.test("decodeDetections() has MMDetection's numbers when it is told none", () => {
  // configs/_base_ of GFL: score_thr 0.05, nms_pre 1000, iou_threshold 0.6,
  // max_per_img 100, min_bbox_size 0.
  const sides = 33;
  const many = makeAnchors({
    height: 8 * sides,
    width: 8 * sides,
    strides: [8],
    centerOffset: 0.5,
  });
  const count = (logit: number, options = {}) =>
    decodeDetections({
      classLogits: new Float32Array(many.count).fill(logit),
      // Boxes of a third of a stride to each side, which do not meet.
      boxLogits: Float32Array.from(
        { length: many.count * 8 },
        (_, i) => i % 2 ? 0 : Math.LN2,
      ),
      anchors: many,
      imageSize: { height: 8 * sides, width: 8 * sides },
      ...options,
    }).scores.length;
  assert.equal(many.count, 1089);
  assert.equal(count(0), 100);
  assert.equal(count(0, { limit: Infinity }), 1000);
  assert.equal(count(0, { scale: [100, 100] }), 100); // sides of 0.05
  const logit = (score: number) => Math.log(score / (1 - score));
  assert.deepEqual([0.0499, 0.0501].map((s) => count(logit(s))), [0, 100]);
});

Deno.test("decodeDetections() suppresses above an IoU of 0.6 when it is told none", () => {
  // From (0, 0), both a stride high; one a stride wide, the other IoU strides.
  const [none, one] = [[0, -99], [-99, 0]];
  const found = (iou: number) => {
    const part = [Math.log(1 - iou), Math.log(iou)];
    const sides = [[none, none, one, one], [none, none, part, one]];
    return decodeDetections({
      classLogits: new Float32Array([2, 1]),
      boxLogits: new Float32Array(sides.flat(2)),
      anchors: makeAnchors({
        height: 8,
        width: 8,
        strides: [8],
        scale: [1, 2],
      }),
      imageSize: { height: 8, width: 8 },
    }).labels.length;
  };
  assert.deepEqual([found(0.61), found(0.59)], [1, 2]);
});

Deno.test("decodeDetections() rejects logits that do not fit the anchors", () => {
  const classLogits = new Float32Array(4);
  assert.throws(
    () =>
      decodeDetections({
        classLogits: new Float32Array(5),
        boxLogits,
        anchors,
        imageSize,
      }),
    {
      name: "TypeError",
      message: "Cannot decode detections: logits must be [4, C] and " +
        "[4, 4, n]: current lengths are 5 and 48",
    },
  );
  assert.throws(
    () =>
      decodeDetections({
        classLogits,
        boxLogits: new Float32Array(50),
        anchors,
        imageSize,
      }),
    TypeError,
  );
  assert.throws(
    () =>
      decodeDetections({
        classLogits,
        boxLogits,
        anchors,
        imageSize,
        scale: [1, 0],
      }),
    RangeError,
  );
  const none = new Float32Array(0);
  for (const empty of [{ classLogits: none }, { boxLogits: none }]) {
    const given = { classLogits, boxLogits, anchors, imageSize, ...empty };
    assert.throws(() => decodeDetections(given), TypeError);
  }
});

Deno.test("decodeDetections() refuses a preNms of -1, which is no limit elsewhere", () => {
  const classLogits = new Float32Array(4);
  const given = { classLogits, boxLogits, anchors, imageSize };
  assert.throws(() => decodeDetections({ ...given, preNms: -1 }), {
    name: "RangeError",
    message:
      "Cannot suppress boxes: preNms must not be negative: current value is -1",
  });
  const all = decodeDetections({ ...given, preNms: Infinity, iouThreshold: 1 });
  assert.equal(all.labels.length, 4);
});

Deno.test("decodeDetections() has no detection where a logit is NaN", () => {
  const { scores } = decodeDetections({
    classLogits: new Float32Array([NaN, 1, 1, 2]),
    boxLogits: boxLogits.with(3 * 4 * 2 + 5, NaN), // of the third anchor
    anchors,
    imageSize,
    iouThreshold: 1,
  });
  assert.deepEqual(
    [...scores],
    [2, 1].map((z) => Math.fround(1 / (1 + Math.exp(-z)))),
  );
});
