import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import { distancesToBox } from "ldlab/boxes/box_coding.ts";
import { integral } from "ldlab/boxes/distribution.ts";
import { nms } from "ldlab/boxes/nms.ts";
import { createRandom, uniform } from "ldlab/random/random.ts";
import { giRegion } from "ldlab/regions/gi.ts";
import type { GiOptions } from "ldlab/regions/gi_options.ts";
import { fromBoxMaps, fromMaps } from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { goldenCases, goldenTensors } from "../golden.ts";
import { goldenAnchors } from "./golden_anchors.ts";

type Tensors = Record<string, tf.Tensor>;

/** Class logits [B, A, C] and boxes [B, A, 4] of student and teacher. */
interface Predictions extends Record<string, HostValues> {
  studentLogits: HostValues;
  studentBoxes: HostValues;
  teacherLogits: HostValues;
  teacherBoxes: HostValues;
}

function region(given: Tensors, anchors: Anchors, options?: GiOptions) {
  return giRegion({
    student: {
      classLogits: given.studentLogits as tf.Tensor3D,
      boxes: given.studentBoxes as tf.Tensor3D,
    },
    teacher: {
      classLogits: given.teacherLogits as tf.Tensor3D,
      boxes: given.teacherBoxes as tf.Tensor3D,
    },
    anchors,
  }, options);
}

/** The region wherever it may run, which must be the same everywhere. */
async function found(
  predictions: Predictions,
  anchors: Anchors,
  options?: GiOptions,
): Promise<number[]> {
  const results = await everywhere(
    (given) => region(given, anchors, options),
    predictions,
  );
  const [[, first], ...others] = results;
  for (const [place, { value }] of others) {
    assert.deepEqual(value, first.value, place);
  }
  return [...first.value];
}

/** The same by sorting and the library's host NMS, class by class. */
function byDefinition(
  { studentLogits, studentBoxes, teacherLogits, teacherBoxes }: Predictions,
  { levels, count }: Anchors,
  { topk = 10, iouThreshold = 0.3, suppression = "batch" }: GiOptions,
): number[] {
  const [images, , classes] = studentLogits.shape;
  const sigmoid = (x: number) => Math.fround(1 / (1 + Math.exp(-x)));
  const result = new Array(images * count).fill(0);
  for (const { start, count: size } of levels) {
    const all = Array.from(
      { length: images },
      (_, image) =>
        Array.from({ length: size }, (_, i) => image * count + start + i),
    );
    for (const places of suppression === "batch" ? [all.flat()] : all) {
      const boxes = new Float32Array(places.length * 4);
      const scores = Float32Array.from(places, (place, row) => {
        let best = -1;
        for (let c = place * classes; c < (place + 1) * classes; c++) {
          const z = sigmoid(teacherLogits.data[c]) -
            sigmoid(studentLogits.data[c]);
          if (Math.abs(z) <= best) continue;
          best = Math.abs(z);
          const surer = z >= 0 ? teacherBoxes : studentBoxes;
          for (let side = 0; side < 4; side++) {
            boxes[row * 4 + side] = surer.data[place * 4 + side];
          }
        }
        return best;
      });
      for (const row of nms(boxes, scores, iouThreshold, topk)) {
        result[places[row]] = 1;
      }
    }
  }
  return result;
}

function predictions(
  anchors: Anchors,
  { images = 2, classes = 3, spread = 3, seed = 1 } = {},
): Predictions {
  const random = createRandom(seed);
  const rows = images * anchors.count;
  const logits = () => ({
    shape: [images, anchors.count, classes],
    data: Float32Array.from(
      { length: rows * classes },
      () => uniform(random, -spread, spread),
    ),
  });
  const boxes = () => ({
    shape: [images, anchors.count, 4],
    data: Float32Array.from({ length: rows * 4 }, (_, i) => {
      const anchor = (i >> 2) % anchors.count;
      const centre = anchors.centers[anchor * 2 + i % 2];
      const way = i % 4 < 2 ? -1 : 1;
      return centre + way * anchors.strides[anchor] * uniform(random, 0.2, 2);
    }),
  });
  return {
    studentLogits: logits(),
    studentBoxes: boxes(),
    teacherLogits: logits(),
    teacherBoxes: boxes(),
  };
}

const small = makeAnchors({ height: 48, width: 56, strides: [8, 16, 32] });

Deno.test("giRegion() picks as the released LDHead, over the whole batch", async () => {
  const golden = await goldenTensors("ld_head");
  const [{ params, outputs }] = await goldenCases(
    "ld_head",
    ({ outputs }) => outputs.gi_index_per_level,
  );
  const [, base] = params.input_tensors.match(/(\S+)\/\*$/);
  const anchors = goldenAnchors(params);
  const images = params.img_metas.length;
  const expected = new Array(images * anchors.count).fill(0);
  for (const [level, { data }] of outputs.gi_index_per_level.entries()) {
    const { start, count } = anchors.levels[level];
    for (const index of data) { // of the level's cells, image after image
      const image = Math.floor(index / count);
      expected[image * anchors.count + start + index % count] = 1;
    }
  }
  const decode = (logits: tf.Tensor) =>
    tf.tidy(() =>
      distancesToBox(
        tf.tensor2d(anchors.centers, [anchors.count, 2]),
        integral(logits),
        tf.tensor1d(anchors.strides),
      )
    );
  const results = await everywhere(
    ({ studentSides, teacherSides, ...logits }) =>
      region(
        {
          ...logits,
          studentBoxes: decode(studentSides),
          teacherBoxes: decode(teacherSides),
        },
        anchors,
      ),
    {
      studentLogits: fromMaps(golden, `${base}/cls_score`),
      teacherLogits: fromMaps(golden, `${base}/teacher_cls`),
      studentSides: fromBoxMaps(golden, `${base}/bbox_pred`),
      teacherSides: fromBoxMaps(golden, `${base}/teacher_bbox`),
    },
  );
  for (const [place, { value }] of results) {
    assert.deepEqual([...value], expected, place);
  }
});

for (
  const options of [
    {},
    { suppression: "image" },
    { topk: 3, iouThreshold: 0.1 },
    { topk: 50, iouThreshold: 0.6, suppression: "image" },
    { iouThreshold: 0 },
    { iouThreshold: 1, topk: 4 },
  ] as GiOptions[]
) {
  Deno.test(`giRegion() equals sorting and suppressing one by one when options are ${JSON.stringify(options)}`, async () => {
    for (const shape of [{}, { images: 1 }, { classes: 1, seed: 7 }]) {
      const given = predictions(small, shape);
      assert.deepEqual(
        await found(given, small, options),
        byDefinition(given, small, options),
      );
    }
  });
}

Deno.test("giRegion() takes the lowest locations when student and teacher are equal", async () => {
  const given = predictions(small);
  given.teacherLogits = given.studentLogits;
  given.teacherBoxes = given.studentBoxes;
  const expected = byDefinition(given, small, {});
  assert.equal(expected[0], 1);
  assert.deepEqual(await found(given, small), expected);
});

Deno.test("giRegion() keeps all of a level that has fewer cells than topk", async () => {
  const anchors = makeAnchors({ height: 8, width: 16, strides: [8, 16] });
  const given = predictions(anchors, { images: 1 });
  given.studentBoxes.data = given.teacherBoxes.data = Float32Array.of(
    ...[0, 0, 1, 1, 9, 0, 10, 1, 0, 0, 1, 1],
  );
  assert.deepEqual(await found(given, anchors), [1, 1, 1]);
});

Deno.test("giRegion() works when logits are extreme and boxes are empty", async () => {
  const given = predictions(small, { spread: 1e4 });
  given.teacherBoxes.data = new Float32Array(given.teacherBoxes.data.length);
  assert.deepEqual(
    await found(given, small),
    byDefinition(given, small, {}),
  );
});

Deno.test("giRegion() lets images suppress each other only when suppression is batch", async () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const logits = (data: number[]) => ({ shape: [2, 1, 1], data });
  const boxes = { shape: [2, 1, 4], data: [0, 0, 8, 8, 0, 0, 8, 8] };
  const given = {
    studentLogits: logits([0, 0]),
    teacherLogits: logits([1, 2]),
    studentBoxes: boxes,
    teacherBoxes: boxes,
  };
  assert.deepEqual(await found(given, anchors), [0, 1]);
  assert.deepEqual(await found(given, anchors, { suppression: "image" }), [
    1,
    1,
  ]);
});

Deno.test("giRegion() has no rows when there are no images", async () => {
  const given = predictions(small, { images: 0 });
  for (const suppression of ["batch", "image"] as const) {
    assert.deepEqual(await found(given, small, { suppression }), []);
  }
});

Deno.test("giRegion() picks one of one location", async () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const given = predictions(anchors, { images: 1, classes: 1 });
  assert.deepEqual(await found(given, anchors), [1]);
});

Deno.test("giRegion() lets no gradient through", async () => {
  const results = await everywhere(
    (given) => tf.mul(region(given, small), tf.max(given.studentLogits, -1)),
    predictions(small),
    ["studentLogits"],
  );
  const { studentLogits } = predictions(small);
  for (const [place, { gradients }] of results) {
    // Of the largest logit of each pick alone.
    const slopes = gradients.studentLogits;
    assert.ok(slopes.every((slope) => slope === 0 || slope === 1), place);
    const picks = await found(predictions(small), small);
    assert.equal(
      slopes.reduce((a, b) => a + b),
      picks.reduce((a, b) => a + b),
    );
    assert.equal(slopes.length, studentLogits.data.length);
  }
});

Deno.test("giRegion() rejects what does not fit", () => {
  const classLogits = tf.zeros<tf.Rank.R3>([1, small.count, 2]);
  const boxes = tf.zeros<tf.Rank.R3>([1, small.count, 4]);
  const student = { classLogits, boxes };
  const run = (teacher: typeof student, options?: GiOptions) => () =>
    giRegion({ student, teacher, anchors: small }, options);
  assert.throws(
    run({ classLogits: tf.zeros([1, small.count, 3]), boxes }),
    {
      name: "TypeError",
      message: "Cannot select GI boxes: the teacher's class logits must be " +
        `[1, ${small.count}, 2]: current shape is [1, ${small.count}, 3]`,
    },
  );
  assert.throws(run({ classLogits, boxes: tf.zeros([1, 3, 4]) }), TypeError);
  assert.throws(run(student, { topk: 0 }), RangeError);
  assert.throws(run(student, { iouThreshold: 1.1 }), RangeError);
  assert.throws(
    run(student, { suppression: "level" } as unknown as GiOptions),
    RangeError,
  );
});
