import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { boxToDeltas, deltasToBox } from "ldlab/boxes/delta_coding.ts";
import { giouLoss } from "ldlab/losses/giou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("boxToDeltas() equals MMDetection's DeltaXYWHBBoxCoder.encode", async () => {
  const cases = await goldenCases(
    "geometry",
    (c) => c.name.startsWith("delta_encode"),
  );
  for (const { name, inputs, params, outputs } of cases) {
    const f = ({ anchors, gt }: Tensors) =>
      boxToDeltas(anchors as tf.Tensor2D, gt, { deviations: params.stds });
    for (const [place, { value }] of await everywhere(f, inputs)) {
      assertClose(value, outputs.out.data, tolerance, `${name} on ${place}`);
    }
  }
});

Deno.test("deltasToBox() equals MMDetection's DeltaXYWHBBoxCoder.decode, clipped and not, gradients included", async () => {
  const cases = await goldenCases(
    "geometry",
    (c) => c.name.startsWith("delta_decode"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const [height, width] = params.max_shape ?? [];
    const options = {
      deviations: params.stds,
      imageSize: params.max_shape ? { height, width } : undefined,
    };
    const f = ({ anchors, deltas }: Tensors) =>
      deltasToBox(anchors as tf.Tensor2D, deltas, options);
    for (const [place, found] of await everywhere(f, inputs, ["deltas"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      const gradient = found.gradients.deltas;
      assertClose(gradient, gradients.deltas.data, tolerance, what);
    }
  }
});

Deno.test("deltasToBox() undoes boxToDeltas() for boxes up to 60 times an anchor's size", () => {
  const box = fc.tuple(
    fc.double({ min: 0, max: 500, noNaN: true }),
    fc.double({ min: 0, max: 500, noNaN: true }),
    fc.double({ min: 8, max: 480, noNaN: true }),
    fc.double({ min: 8, max: 480, noNaN: true }),
  ).map(([x, y, width, height]) => [x, y, x + width, y + height]);
  const pairs = fc.array(fc.tuple(box, box), { minLength: 1 });
  const deviations = [0.1, 0.1, 0.2, 0.2] as const;
  fc.assert(
    fc.property(pairs, (pairs) => {
      const found = tf.tidy(() => {
        const [anchors, boxes] = [0, 1].map((i) =>
          tf.tensor2d(pairs.map((pair) => pair[i]))
        );
        const deltas = boxToDeltas(anchors, boxes, { deviations });
        return deltasToBox(anchors, deltas, { deviations }).dataSync();
      });
      assertClose(found, pairs.flatMap(([, box]) => box), { absolute: 2e-3 });
    }),
    { seed: 1 },
  );
});

Deno.test("boxToDeltas() and deltasToBox() take batches of boxes on one set of anchors, and none", async () => {
  for (const [images, count] of [[2, 3], [1, 1], [2, 0], [0, 3]]) {
    const size = count * 4;
    const anchors = {
      shape: [count, 4],
      data: Array.from({ length: size }, (_, i) => 10 * (i % 4) + i),
    };
    const shape = [images, count, 4];
    const boxes = {
      shape,
      data: Array.from(
        { length: images * size },
        (_, i) => 7 * (i % 4) + (i % 5),
      ),
    };
    const f = ({ anchors, boxes }: Tensors) => {
      const each = anchors as tf.Tensor2D;
      const decoded = deltasToBox(each, boxToDeltas(each, boxes));
      assert.deepEqual(decoded.shape, shape);
      return decoded;
    };
    for (
      const [place, { value }] of await everywhere(f, { anchors, boxes }, [
        "boxes",
      ])
    ) {
      assertClose(value, boxes.data, { absolute: 1e-4 }, place);
    }
  }
});

Deno.test("deltasToBox() of no rows passes through a loss, and its gradient back", async () => {
  const none = { shape: [0, 4], data: [] };
  const f = ({ anchors, deltas, boxes }: Tensors) =>
    giouLoss(deltasToBox(anchors as tf.Tensor2D, deltas), boxes);
  const given = { anchors: none, deltas: none, boxes: none };
  for (const [place, found] of await everywhere(f, given, ["deltas"])) {
    assert.equal(found.gradients.deltas.length, 0, place);
  }
});

Deno.test("boxToDeltas() and deltasToBox() stay finite for boxes and anchors without area, far and huge", async () => {
  // deno-fmt-ignore
  const anchors = { shape: [4, 4], data: [
    5, 5, 5, 5,  0, 0, 8, 8,  0, 0, 1e4, 1e4,  0, 0, 8, 8 ] };
  // deno-fmt-ignore
  const boxes = { shape: [4, 4], data: [
    5, 5, 5, 5,  3, 3, 3, 3,  2, 2, 3, 3,  1e4, 1e4, 2e4, 2e4 ] };
  const encode = ({ anchors, boxes }: Tensors) =>
    boxToDeltas(anchors as tf.Tensor2D, boxes);
  const given = { anchors, boxes };
  for (const [place, found] of await everywhere(encode, given, ["boxes"])) {
    const all = [...found.value, ...found.gradients.boxes];
    assert.ok(all.every(Number.isFinite), `${place}: ${all}`);
    // By hand: nothing moves the first; the second shrinks from 8 to 1e-6.
    const shrunk = Math.log(1e-6 / 8);
    const expected = [0, 0, 0, 0, -1 / 8, -1 / 8, shrunk, shrunk];
    assertClose(found.value.slice(0, 8), expected, { relative: 1e-6 }, place);
  }
  const extreme = {
    shape: [4, 4],
    data: Array(4).fill([1e4, -1e4, 1e4, -1e4]).flat(),
  };
  const decode = ({ anchors, deltas }: Tensors) =>
    deltasToBox(anchors as tf.Tensor2D, deltas);
  const deltas = { anchors, deltas: extreme };
  for (const [place, found] of await everywhere(decode, deltas, ["deltas"])) {
    const all = [...found.value, ...found.gradients.deltas];
    assert.ok(all.every(Number.isFinite), `${place}: ${all}`);
  }
});

Deno.test("boxToDeltas() and deltasToBox() refuse what does not fit", () => {
  const anchors = tf.zeros<tf.Rank.R2>([3, 4]);
  assert.throws(() => boxToDeltas(anchors, tf.zeros([2, 4])), {
    name: "TypeError",
    message: "Cannot encode boxes as deltas: anchors must be [2, 4] as there " +
      "are boxes: current shape is [3, 4]",
  });
  assert.throws(() => deltasToBox(anchors, tf.zeros([3, 5])), {
    name: "TypeError",
    message:
      "Cannot decode deltas as boxes: deltas must be [..., 4]: current " +
      "shape is [3, 5]",
  });
  assert.throws(() => deltasToBox(anchors, tf.zeros([4])), TypeError);
  const deviations = [1, 1, 0, 1] as const;
  assert.throws(() => deltasToBox(anchors, tf.zeros([3, 4]), { deviations }), {
    name: "RangeError",
    message: "Cannot decode deltas as boxes: deviations must be four finite " +
      "numbers above 0: current values are 1, 1, 0, 1",
  });
});
