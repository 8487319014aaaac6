import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { distributionFocalLoss } from "ldlab/losses/dfl.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };
const loss = ({ z, t }: Tensors) => distributionFocalLoss(z, t);

Deno.test("distributionFocalLoss() equals MMDetection's DistributionFocalLoss, gradients included", async () => {
  const cases = await goldenCases(
    "loss_qfl_dfl",
    (c) => c.name.startsWith("dfl"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ pred, label, weight }: Tensors) =>
      reduceAsMmdet(distributionFocalLoss(pred, label), weight, params);
    for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("distributionFocalLoss() follows its definition and its finite differences", async () => {
  const z = { shape: [2, 3, 5], data: wave(30, 2) };
  const t = { shape: [2, 3], data: [0, 0.25, 3.9, 2.5, 1, 3.2] };
  const terms = (z: ArrayLike<number>) =>
    rows(z, 5).map((row, i) => {
      const left = Math.floor(t.data[i]);
      const logP = logSoftmax(row);
      return -(left + 1 - t.data[i]) * logP[left] -
        (t.data[i] - left) * logP[left + 1];
    });
  const slopes = centralDifferences((z) => sum(terms(z)), z.data);
  for (const [place, found] of await everywhere(loss, { z, t }, ["z"])) {
    assertClose(found.value, terms(z.data), { absolute: 1e-6 }, place);
    assertClose(found.gradients.z, slopes, { absolute: 1e-6 }, place);
  }
});

Deno.test("distributionFocalLoss() at a whole target is cross-entropy, the last bin included", async () => {
  const z = { shape: [5, 5], data: wave(25, 4) };
  const t = { shape: [5], data: [0, 1, 2, 3, 4] };
  const expected = rows(z.data, 5).map((row, i) => -logSoftmax(row)[i]);
  for (const [place, { value }] of await everywhere(loss, { z, t })) {
    assertClose(value, expected, { absolute: 1e-6 }, place);
  }
});

Deno.test("distributionFocalLoss() has its least value where the mean is the target", async () => {
  // Mass in proportion on the bins 1 and 2: p - w, the gradient, is 0.
  const row = [-1e4, Math.log(0.25), Math.log(0.75), -1e4];
  const [z, t] = [{ shape: [1, 4], data: row }, { shape: [1], data: [1.75] }];
  for (const [place, found] of await everywhere(loss, { z, t }, ["z"])) {
    assertClose(found.gradients.z, [0, 0, 0, 0], { absolute: 1e-6 }, place);
  }
});

Deno.test("distributionFocalLoss() is exact and finite at logits of ±1e4", async () => {
  const z = { shape: [3, 3], data: [1e4, -1e4, 0, 1e4, -1e4, 0, 0, 0, 1e4] };
  const t = { shape: [3], data: [0, 0.5, 2] };
  for (const [place, found] of await everywhere(loss, { z, t }, ["z"])) {
    // By hand: p is one bin; log p of a bin is its logit less 1e4.
    assertClose(found.value, [0, 1e4, 0], { absolute: 0 }, place);
    const slopes = [0, 0, 0, 0.5, -0.5, 0, 0, 0, 0];
    assertClose(found.gradients.z, slopes, { absolute: 0 }, place);
  }
});

Deno.test("distributionFocalLoss() has the exact share of a bin that is nearly missed", async () => {
  const z = { shape: [2, 2], data: [1e4, -1e4, 1e4, -1e4] };
  const t = { shape: [2], data: [1e-7, 1e-3].map(Math.fround) };
  // By hand: the share of the second bin is t, its −log p 2e4.
  const expected = t.data.map((share) => share * 2e4);
  for (const [place, { value }] of await everywhere(loss, { z, t })) {
    assertClose(value, expected, { relative: 1e-6 }, place);
  }
});

Deno.test("distributionFocalLoss() sends no gradient to its targets", () => {
  const [z, t] = [tf.zeros([2, 3]), tf.ones([2])];
  assert.throws(
    () => tf.grad((t) => distributionFocalLoss(z, t))(t),
    /gradient/,
  );
});

Deno.test("distributionFocalLoss() refuses shapes that do not fit", () => {
  const z = tf.zeros([2, 100, 4, 17]);
  assert.throws(() => distributionFocalLoss(z, tf.zeros([2, 100, 1])), {
    name: "TypeError",
    message: "Cannot compute DFL: targets must be [2, 100, 4] as the logits " +
      "less their bins: current shape is [2, 100, 1]",
  });
  assert.throws(
    () => distributionFocalLoss(tf.scalar(1), tf.scalar(1)),
    TypeError,
  );
});
