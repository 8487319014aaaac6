import assert from "node:assert/strict";
import {
  createRandom,
  integerBelow,
  standardNormal,
  uniform,
} from "ldlab/random/random.ts";

Deno.test("createRandom() draws uniformly: chi-square over 16 bins", () => {
  const bins = new Array(16).fill(0);
  const random = createRandom(5);
  const draws = 160_000;
  for (let i = 0; i < draws; i++) bins[Math.floor(random() * 16)]++;
  const chi = bins.reduce(
    (sum, count) => sum + (count - draws / 16) ** 2 / (draws / 16),
    0,
  );
  // 15 degrees of freedom: 99.9 % quantile 37.7, 0.1 % quantile 3.48.
  assert.ok(chi > 3.48 && chi < 37.7, `chi-square is ${chi}`);
});

Deno.test("createRandom() gives unrelated first numbers to neighbouring seeds", () => {
  // Of (seed, position), (seed + 1, position) and (seed, position + 1).
  let [covarianceSeed, covariancePosition] = [0, 0];
  const pairs = 20_000;
  for (let i = 0; i < pairs; i++) {
    const here = createRandom(i % 100, Math.floor(i / 100))() - 0.5;
    const seed = createRandom(i % 100 + 1, Math.floor(i / 100))() - 0.5;
    const position = createRandom(i % 100, Math.floor(i / 100) + 1)() - 0.5;
    covarianceSeed += here * seed * 12 / pairs;
    covariancePosition += here * position * 12 / pairs;
  }
  // Correlation of independent pairs: deviation 1 / sqrt(20000) = 0.0071.
  assert.ok(Math.abs(covarianceSeed) < 0.03, `${covarianceSeed}`);
  assert.ok(Math.abs(covariancePosition) < 0.03, `${covariancePosition}`);
});

Deno.test("createRandom() tells seeds apart by number, order and high bits of parts", () => {
  // deno-fmt-ignore
  const seeds = [
    [1, 2], [2, 1], [1, 2, 0], [0, 1, 2], [1], [], [-1], [2 ** 40],
    [1, "conv1"], [1, "conv2"], [2, "conv1"],
  ];
  const firsts = new Set(seeds.map((parts) => createRandom(...parts)()));
  assert.equal(firsts.size, seeds.length);
});

Deno.test("createRandom() fails when a part is not an integer", () => {
  assert.throws(() => createRandom(1, 0.5), {
    name: "RangeError",
    message: /must be an integer or a name: current parts are \[1,0.5\]/,
  });
  assert.throws(() => createRandom(NaN), RangeError);
});

Deno.test("uniform() and integerBelow() stay inside their bounds at the ends", () => {
  const last = 1 - 2 ** -32;
  assert.equal(uniform(() => 0, -2, 3), -2);
  assert.ok(uniform(() => last, -2, 3) < 3);
  assert.equal(integerBelow(() => 0, 7), 0);
  assert.equal(integerBelow(() => last, 7), 6);
});

Deno.test("standardNormal() has the moments of the standard normal distribution", () => {
  const random = createRandom(3);
  const draws = 100_000;
  const moments = [0, 0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const value = standardNormal(random);
    moments.forEach((_, k) => moments[k] += value ** (k + 1) / draws);
  }
  // Expected 0, 1, 0, 3; standard errors √(1, 2, 15, 96) / √100000.
  const errors = [0.0032, 0.0045, 0.0122, 0.031];
  [0, 1, 0, 3].forEach((expected, k) =>
    assert.ok(
      Math.abs(moments[k] - expected) < 4 * errors[k],
      `moment ${k + 1} is ${moments[k]}`,
    )
  );
});
