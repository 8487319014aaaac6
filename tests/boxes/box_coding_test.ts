import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { boxToDistances, distancesToBox } from "ldlab/boxes/box_coding.ts";
import { clipBoxes } from "ldlab/boxes/clip_boxes.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-6 };
/** Strides of 1, so that distances are in pixels as the reference's. */
const inPixels = (points: tf.Tensor) => tf.ones<tf.Rank.R1>([points.shape[0]]);

Deno.test("boxToDistances() equals MMDetection's bbox2distance, gradients included", async () => {
  const cases = await goldenCases(
    "geometry",
    (c) => c.name.startsWith("bbox2distance"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const regMax = params.max_dis ?? undefined; // null clamps nothing
    const options = { regMax, margin: params.eps };
    const f = ({ points, bbox }: Tensors) =>
      boxToDistances(points as tf.Tensor2D, bbox, inPixels(points), options);
    for (const [place, found] of await everywhere(f, inputs, ["bbox"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.bbox, gradients.bbox.data, tolerance, what);
    }
  }
});

Deno.test("distancesToBox() equals MMDetection's distance2bbox, clipped with clipBoxes() and not, gradients included", async () => {
  const cases = await goldenCases(
    "geometry",
    (c) => c.name.startsWith("distance2bbox"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ points, distance }: Tensors) => {
      const centers = points as tf.Tensor2D;
      const boxes = distancesToBox(centers, distance, inPixels(points));
      if (!params.max_shape) return boxes;
      const [height, width] = params.max_shape;
      return clipBoxes(boxes, { height, width });
    };
    for (const [place, found] of await everywhere(f, inputs, ["distance"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      const gradient = found.gradients.distance;
      assertClose(gradient, gradients.distance.data, tolerance, what);
    }
  }
});

const centers = { shape: [2, 2], data: [16, 24, 64, 32] };
const strides = { shape: [2], data: [8, 32] };

Deno.test("distancesToBox() undoes boxToDistances() for batches of boxes within reach", async () => {
  // [B = 2, A = 2, 4]; the second box of the second image is one pixel wide.
  // deno-fmt-ignore
  const boxes = { shape: [2, 2, 4], data: [
    1, 2, 30, 40,  10, 0, 100, 300,
    16, 24, 16, 24,  63.5, 31.5, 64.5, 32.5 ] };
  const f = ({ centers, boxes, strides }: Tensors) => {
    const [c, s] = [centers as tf.Tensor2D, strides as tf.Tensor1D];
    return distancesToBox(c, boxToDistances(c, boxes, s, { regMax: 16 }), s);
  };
  const found = await everywhere(f, { centers, boxes, strides });
  for (const [place, { value }] of found) {
    assertClose(value, boxes.data, { absolute: 1e-4 }, place);
  }
});

Deno.test("distancesToBox() undoes boxToDistances() wherever a location and its box lie", () => {
  const side = fc.double({ min: 0, max: 15.9, noNaN: true });
  const coordinate = fc.double({ min: 0, max: 1300, noNaN: true });
  const given = fc.record({
    center: fc.tuple(coordinate, coordinate),
    sides: fc.tuple(side, side, side, side),
    stride: fc.constantFrom(8, 16, 32, 64, 128),
  });
  fc.assert(
    fc.property(given, ({ center, sides: [l, t, r, b], stride }) => {
      const [cx, cy] = center;
      // deno-fmt-ignore
      const box = [cx - l * stride, cy - t * stride, cx + r * stride, cy + b * stride];
      const values = tf.tidy(() => {
        const [c, s] = [tf.tensor2d([center]), tf.tensor1d([stride])];
        const boxes = tf.tensor2d([box]);
        const distances = boxToDistances(c, boxes, s, { regMax: 16 });
        return distancesToBox(c, distances, s).dataSync();
      });
      assertClose(values, box, { absolute: 1e-3 });
    }),
    { seed: 1 },
  );
});

Deno.test("boxToDistances() clamps where the location is outside the box or out of reach", async () => {
  // Background locations carry the box 0, 0, 0, 0.
  // deno-fmt-ignore
  const boxes = { shape: [2, 4], data: [0, 0, 0, 0,  -1e4, -1e4, 1e4, 1e4] };
  const f = ({ centers, boxes, strides }: Tensors) =>
    boxToDistances(centers as tf.Tensor2D, boxes, strides as tf.Tensor1D, {
      regMax: 7,
    });
  const found = await everywhere(f, { centers, boxes, strides }, ["boxes"]);
  for (const [place, { value, gradients }] of found) {
    // By hand: 16/8 and 24/8 to the left and top, nothing to the right.
    const expected = [2, 3, 0, 0, 6.9, 6.9, 6.9, 6.9];
    assertClose(value, expected, { absolute: 1e-6 }, place);
    // deno-fmt-ignore
    assertClose(gradients.boxes, [-1 / 8, -1 / 8, 0, 0, 0, 0, 0, 0], { absolute: 0 }, place);
  }
});

Deno.test("boxToDistances() clamps nothing when no largest distance is given", async () => {
  const boxes = { shape: [2, 4], data: [0, 0, 0, 0, -128, 0, 0, 640] };
  const f = ({ centers, boxes, strides }: Tensors) =>
    boxToDistances(centers as tf.Tensor2D, boxes, strides as tf.Tensor1D);
  const found = await everywhere(f, { centers, boxes, strides });
  for (const [place, { value }] of found) {
    // By hand: (16, 24, −16, −24) / 8 and (192, 32, −64, 608) / 32.
    const expected = [2, 3, -2, -3, 6, 1, -2, 19];
    assertClose(value, expected, { absolute: 0 }, place);
  }
});

Deno.test("boxToDistances() and distancesToBox() refuse shapes that do not fit", () => {
  const [c, s] = [tf.zeros<tf.Rank.R2>([3, 2]), tf.ones<tf.Rank.R1>([3])];
  assert.throws(() => distancesToBox(c, tf.zeros([3, 5]), s), {
    name: "TypeError",
    message:
      "Cannot decode distances as boxes: distances must be [..., 4]: current shape is [3, 5]",
  });
  assert.throws(
    () => boxToDistances(c, tf.zeros([2, 1, 4]), s, { regMax: 16 }),
    {
      name: "TypeError",
      message:
        "Cannot encode boxes as distances: centers must be [1, 2] as there are boxes: current shape is [3, 2]",
    },
  );
  assert.throws(
    () => distancesToBox(c, tf.zeros([3, 4]), tf.ones([4])),
    {
      name: "TypeError",
      message:
        "Cannot decode distances as boxes: strides must be [3] as there are distances: current shape is [4]",
    },
  );
  assert.throws(() => distancesToBox(c, tf.zeros([4]), s), TypeError);
});

Deno.test("boxToDistances() refuses a regMax that leaves no bins, and a margin beyond it", () => {
  const [c, s] = [tf.zeros<tf.Rank.R2>([3, 2]), tf.ones<tf.Rank.R1>([3])];
  for (const regMax of [0, -1, 1.5, NaN]) {
    assert.throws(() => boxToDistances(c, tf.zeros([3, 4]), s, { regMax }), {
      name: "RangeError",
      message: "Cannot encode boxes as distances: regMax must be a whole " +
        `number above 0: current value is ${regMax}`,
    });
  }
  for (const margin of [-0.1, 17, NaN]) {
    const options = { regMax: 16, margin };
    assert.throws(() => boxToDistances(c, tf.zeros([3, 4]), s, options), {
      name: "RangeError",
      message: "Cannot encode boxes as distances: margin must be a number " +
        `from 0 to 16: current value is ${margin}`,
    });
  }
});
