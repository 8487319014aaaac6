import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { distancesToBox } from "ldlab/boxes/box_coding.ts";
import {
  boxToCenterSize,
  centerSizeToBox,
  centerSizeToSides,
  sidesToCenterSize,
} from "ldlab/boxes/center_size.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

const centers = { shape: [2, 2], data: [16, 24, 64, 32] };
const strides = { shape: [2], data: [8, 32] };
// [B = 2, A = 2, 4]; the third holds no location, the last has no area.
// deno-fmt-ignore
const boxes = { shape: [2, 2, 4], data: [
  1, 2, 30, 40,  10, 0, 100, 300,
  90, 90, 95, 91,  64, 32, 64, 32 ] };

Deno.test("centerSizeToBox() undoes boxToCenterSize(), also for boxes away from their location", async () => {
  const f = ({ centers, boxes, strides }: Tensors) => {
    const [c, s] = [centers as tf.Tensor2D, strides as tf.Tensor1D];
    return centerSizeToBox(c, boxToCenterSize(c, boxes, s), s);
  };
  const given = { centers, boxes, strides };
  for (const [place, found] of await everywhere(f, given, ["boxes"])) {
    assertClose(found.value, boxes.data, { absolute: 1e-4 }, place);
    const ones = Array(16).fill(1);
    assertClose(found.gradients.boxes, ones, { absolute: 1e-6 }, place);
  }
});

Deno.test("boxToCenterSize() is the hand calculation", async () => {
  const f = ({ centers, boxes, strides }: Tensors) =>
    boxToCenterSize(centers as tf.Tensor2D, boxes, strides as tf.Tensor1D);
  for (
    const [place, { value }] of await everywhere(f, { centers, boxes, strides })
  ) {
    // First: the centre (15.5, 21) from (16, 24), 29 by 38, in strides of 8.
    const first = [-0.5 / 8, -3 / 8, 29 / 8, 38 / 8];
    assertClose(value.slice(0, 4), first, { absolute: 1e-6 }, place);
    assertClose(value.slice(12), [0, 0, 0, 0], { absolute: 0 }, place);
  }
});

Deno.test("distancesToBox() of the sides of a centre and size is its box", async () => {
  const f = ({ centers, boxes, strides }: Tensors) => {
    const [c, s] = [centers as tf.Tensor2D, strides as tf.Tensor1D];
    const sides = centerSizeToSides(boxToCenterSize(c, boxes, s));
    return distancesToBox(c, sides, s);
  };
  for (
    const [place, { value }] of await everywhere(f, { centers, boxes, strides })
  ) {
    assertClose(value, boxes.data, { absolute: 1e-4 }, place);
  }
});

Deno.test("sidesToCenterSize() and centerSizeToSides() undo each other", () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  const values = fc.array(fc.tuple(number, number, number, number), {
    minLength: 1,
  });
  fc.assert(
    fc.property(values, (values) => {
      const given = tf.tensor2d(values);
      const there = sidesToCenterSize(centerSizeToSides(given)).dataSync();
      const back = centerSizeToSides(sidesToCenterSize(given)).dataSync();
      assertClose(there, values.flat(), { absolute: 1e-3 });
      assertClose(back, values.flat(), { absolute: 1e-3 });
    }),
    { seed: 1 },
  );
});

Deno.test("sidesToCenterSize() and centerSizeToSides() take no rows, one after the other", async () => {
  const none = { shape: [0, 4], data: [] };
  const f = ({ none }: Tensors) => sidesToCenterSize(centerSizeToSides(none));
  for (const [place, found] of await everywhere(f, { none }, ["none"])) {
    assert.equal(found.value.length, 0, place);
  }
});

Deno.test("boxToCenterSize() and its like refuse shapes that do not fit", () => {
  const [c, s] = [tf.zeros<tf.Rank.R2>([3, 2]), tf.ones<tf.Rank.R1>([3])];
  assert.throws(() => boxToCenterSize(c, tf.zeros([2, 4]), s), {
    name: "TypeError",
    message: "Cannot encode boxes as centre and size: centers must be [2, 2] " +
      "as there are boxes: current shape is [3, 2]",
  });
  assert.throws(() => centerSizeToBox(c, tf.zeros([3, 5]), s), {
    name: "TypeError",
    message:
      "Cannot decode centre and size as boxes: values must be [..., 4]: " +
      "current shape is [3, 5]",
  });
  assert.throws(() => centerSizeToSides(tf.zeros([3])), TypeError);
  assert.throws(() => sidesToCenterSize(tf.zeros([3])), TypeError);
});
