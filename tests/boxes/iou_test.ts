import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { alignedDiou, alignedGiou, alignedIou } from "ldlab/boxes/iou.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, rows, sum } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";

const measures = { IoU: alignedIou, GIoU: alignedGiou, DIoU: alignedDiou };
// Gradients are 1 / side in size, sums of terms that cancel where boxes are equal
// or apart: a float32 rounding of a term is left of those that are 0.
const tolerance = { ofLargest: 1e-5, absolute: 2e-8 };

for (
  const [name, f] of [["iou", alignedIou], ["giou", alignedGiou]] as const
) {
  Deno.test(`${f.name}() equals MMDetection's bbox_overlaps, gradients included`, async () => {
    const cases = await goldenCases(
      "bbox_overlaps",
      ({ params }) => params.is_aligned && params.mode === name,
    );
    const run = ({ b1, b2 }: Record<string, tf.Tensor>) => f(b1, b2);
    for (const { inputs, outputs, gradients } of cases) {
      const all = await everywhere(run, inputs, ["b1", "b2"]);
      for (const [place, found] of all) {
        assertClose(found.value, outputs.out.data, tolerance, place);
        assertClose(found.gradients.b1, gradients.b1.data, tolerance, place);
        assertClose(found.gradients.b2, gradients.b2.data, tolerance, place);
      }
    }
  });
}

Deno.test("alignedDiou() equals MMDetection's diou_loss, gradients and ties included", async () => {
  const cases = await goldenCases(
    "loss_iou",
    ({ name, inputs, params }) =>
      name.startsWith("DIoULoss_") && params.reduction === "none" &&
      !inputs.weight,
  );
  const wrt = ["pred", "target"];
  for (const { inputs, outputs, gradients, params } of cases) {
    const loss = ({ pred, target }: Record<string, tf.Tensor>) =>
      tf.mul(tf.sub(1, alignedDiou(pred, target)), params.loss_weight);
    for (const [place, found] of await everywhere(loss, inputs, wrt)) {
      assertClose(found.value, outputs.out.data, tolerance, place);
      for (const k of wrt) {
        assertClose(found.gradients[k], gradients[k].data, tolerance, place);
      }
    }
  }
});

/** IoU, GIoU and DIoU from their definitions, boxes that overlap in part. */
function definitions(a: number[], b: number[]): number[] {
  const area = ([x1, y1, x2, y2]: number[]) => (x2 - x1) * (y2 - y1);
  const [low, high] = [Math.min, Math.max];
  const inner = [0, 1].map((i) => high(a[i], b[i]))
    .concat([2, 3].map((i) => low(a[i], b[i])));
  const outer = [0, 1].map((i) => low(a[i], b[i]))
    .concat([2, 3].map((i) => high(a[i], b[i])));
  const union = area(a) + area(b) - area(inner);
  const iou = area(inner) / union;
  const center = (box: number[], i: number) => (box[i] + box[i + 2]) / 2;
  const rho = Math.hypot(
    center(a, 0) - center(b, 0),
    center(a, 1) - center(b, 1),
  );
  const diagonal = Math.hypot(outer[2] - outer[0], outer[3] - outer[1]);
  const bare = (area(outer) - union) / area(outer);
  return [iou, iou - bare, iou - (rho / diagonal) ** 2];
}

const overlapping = {
  a: { shape: [1, 3, 4], data: [1, 2, 9, 7, 0, 0, 4, 4, -3, -2, 3, 5] },
  b: { shape: [1, 3, 4], data: [3, 1, 12, 6, 1, 1, 3, 2, -5, 1, 2, 9] },
};

Object.entries(measures).forEach(([name, f], which) => {
  Deno.test(`${f.name}() follows its definition and its finite differences`, async () => {
    const { a, b } = overlapping;
    const total = (flat: number[]) =>
      sum(
        rows(flat, 4).map((row, i) =>
          definitions(row, rows(b.data, 4)[i])[which]
        ),
      );
    const slopes = centralDifferences(total, a.data);
    const run = ({ a, b }: Record<string, tf.Tensor>) => f(a, b);
    for (const [place, found] of await everywhere(run, { a, b }, ["a"])) {
      const expected = rows(a.data, 4).map((row, i) =>
        definitions(row, rows(b.data, 4)[i])[which]
      );
      assertClose(found.value, expected, { absolute: 1e-6 }, place);
      assertClose(found.gradients.a, slopes, { absolute: 1e-6 }, place);
    }
  });

  Deno.test(`${f.name}() is 1 for a box and itself, and symmetric`, async () => {
    const { a, b } = overlapping;
    const run = ({ a, b }: Record<string, tf.Tensor>) =>
      tf.stack([f(a, a), tf.add(1, tf.sub(f(a, b), f(b, a)))]);
    for (const [place, { value }] of await everywhere(run, { a, b })) {
      assertClose(value, Array(6).fill(1), { absolute: 1e-6 }, place);
    }
  });

  Deno.test(`${f.name}() stays finite for empty, touching, far and huge boxes`, async () => {
    // deno-fmt-ignore
    const a = { shape: [5, 4], data: [
      5, 5, 5, 5,  0, 0, 1, 1,  -1e4, -1e4, -9999, -9999,  0, 0, 1e8, 1e8,  0, 0, 0, 0 ] };
    // deno-fmt-ignore
    const b = { shape: [5, 4], data: [
      5, 5, 5, 5,  1, 0, 2, 1,  1e4, 1e4, 10001, 10001,  0, 0, 1e8, 1e8,  0, 0, 1e4, 1e4 ] };
    const run = ({ a, b }: Record<string, tf.Tensor>) => f(a, b);
    for (const [place, found] of await everywhere(run, { a, b }, ["a", "b"])) {
      const { value, gradients } = found;
      const all = [...value, ...gradients.a, ...gradients.b];
      assert.ok(all.every(Number.isFinite), `${place}: ${all}`);
      assert.ok(value.every((v) => v > -1 - 1e-6 && v <= 1 + 1e-6), place);
    }
  });

  Deno.test(`${f.name}() refuses boxes it would have to broadcast`, () => {
    assert.throws(() => f(tf.zeros([2, 4]), tf.zeros([1, 4])), {
      name: "TypeError",
      message:
        `Cannot compute ${name}: second boxes must be [2, 4] like the first: current shape is [1, 4]`,
    });
    assert.throws(() => f(tf.zeros([2, 5]), tf.zeros([2, 5])), {
      name: "TypeError",
      message:
        `Cannot compute ${name}: boxes must be [..., 4]: current shape is [2, 5]`,
    });
  });
});
