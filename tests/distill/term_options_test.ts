// Each option changes a loss by what its documentation says.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import type { DistillTerm } from "ldlab/distill/terms.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { namedInputs } from "./named_inputs.ts";
import { anchors, labels, located, networks, VLR } from "./small_batch.ts";

const { ld, vlrLd, kd } = PRESETS.cvpr2022.terms;
const imitation = { loss: "imitation", region: ld.region, weight: 2 } as const;
const tbr = {
  loss: "tbr",
  region: ld.region,
  weight: 2,
  epsilon: 50, // the gate is open
} as const;
// Numbers of small_batch.ts.
const [bins, classes, tau] = [17, 3, ld.temperature];
const positives = labels.filter((label) => label < 3).length;
const score = 0.25;

/** The losses of terms where every location's score weight is 1/4. */
async function losses(
  terms: readonly DistillTerm[],
  change: Record<string, HostValues> = {},
): Promise<Float32Array> {
  const named = Object.fromEntries(terms.map((term, i) => [`term${i}`, term]));
  const f = (given: Record<string, tf.Tensor>) => {
    const scoreWeights = tf.fill<tf.Rank.R2>([2, 5], score);
    const { losses } = distillLoss(
      { ...namedInputs(given, anchors), scoreWeights },
      named,
    );
    return tf.stack(Object.values(losses));
  };
  const inputs = { ...networks, ...located, ...change };
  const [[, js], ...others] = await everywhere(f, inputs);
  for (const [place, { value }] of others) {
    assertClose(value, js.value, { relative: 1e-4 }, place);
  }
  return js.value;
}

/** Fails unless `changed` is `ratio` times as large as `usual`. */
async function requireRatio(
  usual: DistillTerm,
  changed: DistillTerm,
  ratio: number,
  change?: Record<string, HostValues>,
) {
  const [a, b] = await losses([usual, changed], change);
  assert.ok(a > 0);
  assertClose([b / a], [ratio], { relative: 1e-4 });
}

Deno.test("bins and classes: the sum is as many times the mean as there are", async () => {
  await requireRatio(ld, { ...ld, bins: "sum" }, bins);
  await requireRatio(kd, { ...kd, classes: "sum" }, classes);
});

Deno.test("temperatureFactor: without it a divergence is less by τ²", async () => {
  await requireRatio(ld, { ...ld, temperatureFactor: "none" }, tau ** -2);
  await requireRatio(kd, { ...kd, temperatureFactor: "none" }, 2 ** -2);
});

Deno.test("dividedBy divides, weight multiplies", async () => {
  await requireRatio(ld, { ...ld, dividedBy: 16 }, 4 / 16);
  await requireRatio(vlrLd, { ...vlrLd, dividedBy: 4 }, 16 / 4);
  await requireRatio(kd, { ...kd, weight: 5 }, 1 / 2);
});

Deno.test("weightedBy: the region's weights, 1 in the region, or weights times scores", async () => {
  // Weights of one half in the region.
  const half = Array.from(
    located[VLR].data as number[],
    (weight) => weight > 0 ? 0.5 : 0,
  );
  const change = { [VLR]: { shape: [2, 5], data: half } };
  const by = (weightedBy: "region" | "mask" | "score"): DistillTerm => ({
    ...vlrLd,
    weightedBy,
  });
  await requireRatio(by("region"), by("mask"), 2, change);
  await requireRatio(by("region"), by("score"), score, change);
  await requireRatio(ld, { ...ld, weightedBy: "region" }, 1 / score);
});

Deno.test("normalizedBy: a sum, over the region's locations, over each level's, or over the positives' scores", async () => {
  const by = (
    normalizedBy: "nothing" | "count" | "levelCount" | "scores",
    region: DistillTerm["region"] = ld.region,
  ): DistillTerm => ({ ...ld, region, weightedBy: "mask", normalizedBy });
  await requireRatio(by("nothing"), by("count"), 1 / positives);
  await requireRatio(by("nothing"), by("scores"), 1 / (positives * score));
  // The same loss everywhere: as many means as levels with a positive.
  const same = (offset: number) =>
    Array.from(
      { length: 40 },
      () => Array.from({ length: bins }, (_, i) => Math.sin(i + offset)),
    ).flat();
  const equal = {
    boxLogits: { shape: [2, 5, 4, bins], data: same(0) },
    teacherBoxLogits: { shape: [2, 5, 4, bins], data: same(1) },
  };
  await requireRatio(by("count"), by("levelCount"), 2, equal);
  const vlr = vlrLd.region; // on both levels, too
  await requireRatio(by("count", vlr), by("levelCount", vlr), 2, equal);
});

Deno.test("edges: joint is one divergence over the bins of all sides", async () => {
  // Sides that are all alike: p over 4n bins is p / 4 of a side, so that the
  // divergence is that of one side, and its mean over 4 times the bins.
  const alike = (data: ArrayLike<number>) => ({
    shape: [2, 5, 4, bins],
    data: Array.from(
      { length: 2 * 5 * 4 * bins },
      (_, i) => data[Math.floor(i / (4 * bins)) * 4 * bins + i % bins],
    ),
  });
  const change = {
    boxLogits: alike(networks.boxLogits.data),
    teacherBoxLogits: alike(networks.teacherBoxLogits.data),
  };
  // Of four sides' sum of divergences / n one divergence / 4n is 1/16.
  await requireRatio(ld, { ...ld, edges: "joint" }, 1 / 16, change);
});

Deno.test("unit: a margin of ε strides is ε · stride pixels", async () => {
  // P3 only: 8 pixels a stride.
  const p3 = {
    labels: { shape: [2, 5], data: labels.map((l, i) => i % 5 === 4 ? 3 : l) },
  };
  const given = [0.1, 1, 3].flatMap((epsilon) => [
    { ...tbr, epsilon },
    { ...tbr, epsilon: epsilon * 8, unit: "pixels" } as const,
  ]);
  const found = await losses(given, p3);
  for (let i = 0; i < found.length; i += 2) {
    assertClose([found[i]], [found[i + 1]], { relative: 1e-5 });
  }
  assert.ok(found[0] < found[4], "a larger margin leaves more to learn");
});

Deno.test("emptyLevels: a level without positives is skipped as released, or kept", async () => {
  const all = { ...imitation, region: { kind: "all" } } as const;
  const kept = { ...all, emptyLevels: "kept" } as const;
  // No positive on P4, the last location of an image.
  const p3 = {
    labels: { shape: [2, 5], data: labels.map((l, i) => i % 5 === 4 ? 3 : l) },
  };
  const [skipped, whole] = await losses([all, kept], p3);
  // Σ over the levels' means of the squared difference, times 2.
  const mean = (level: number) => {
    const [a, b] = ["features", "teacherFeatures"].map((name) =>
      networks[`${name} ${level}`].data
    );
    return Array.from(a, (x, i) => (x - b[i]) ** 2)
      .reduce((sum, x) => sum + x, 0) / a.length;
  };
  assertClose([skipped], [2 * mean(0)], { relative: 1e-5 });
  assertClose([whole], [2 * (mean(0) + mean(1))], { relative: 1e-5 });
  const sums = [all, kept].map((term) => ({
    ...term,
    normalizedBy: "nothing",
  } as const));
  const found = await losses(sums, p3);
  assertClose(found, [
    2 * 8 * mean(0),
    2 * (8 * mean(0) + 2 * mean(1)),
  ], { relative: 1e-5 });
});

Deno.test("error and activation reach the losses", async () => {
  const [squared, absolute] = await losses([
    imitation,
    { ...imitation, error: "absolute" },
  ]);
  assert.notEqual(squared, absolute);
  const one = { shape: [2, 5, 1], data: Array(10).fill(2) };
  const other = { shape: [2, 5, 1], data: Array(10).fill(-1) };
  const [softmax, sigmoid] = await losses([
    kd,
    { ...kd, activation: "sigmoid" },
  ], {
    classLogits: one,
    teacherClassLogits: other,
    labels: { shape: [2, 5], data: labels.map((label) => label < 3 ? 0 : 1) },
  });
  assert.equal(softmax, 0, "one class");
  assert.ok(sigmoid > 0);
});
