import assert from "node:assert/strict";
import { pairedDifference } from "../../experiments/paired_difference.ts";

Deno.test("pairedDifference() is the textbook's interval when seeds differ", () => {
  // By hand: differences 1.1, 2.3, 1.6, 3.0, mean 2; squares about it
  // .81 + .09 + .16 + 1 = 2.06; deviation √(2.06 / 3); t(3) = 3.182.
  const { mean, standardError, halfWidth } = pairedDifference(
    [41.1, 42.3, 41.6, 43.0],
    [40, 40, 40, 40],
  );
  const error = Math.sqrt(2.06 / 3) / 2;
  assert.ok(Math.abs(mean - 2) < 1e-9);
  assert.ok(Math.abs(standardError! - error) < 1e-9);
  assert.ok(Math.abs(halfWidth! - 3.182 * error) < 1e-9);
});

Deno.test("pairedDifference() claims no interval when there is one seed", () => {
  assert.deepEqual(pairedDifference([41], [40]), {
    mean: 1,
    standardError: null,
    halfWidth: null,
  });
});

Deno.test("pairedDifference() throws when the seeds are not the same number", () => {
  assert.throws(() => pairedDifference([1, 2], [1]), RangeError);
  assert.throws(() => pairedDifference([], []), RangeError);
});

/** P(|T| < t) of Student's t, by Simpson's rule over its density. */
function withinT(t: number, freedom: number): number {
  // Γ((ν + 1) / 2) / (√(ν π) Γ(ν / 2)), by recursion from ν = 1 and 2.
  let scale = freedom % 2 === 1 ? 1 / Math.PI : 1 / (2 * Math.SQRT2);
  for (let nu = freedom % 2 === 1 ? 1 : 2; nu < freedom; nu += 2) {
    scale *= (nu + 1) / nu * Math.sqrt(nu / (nu + 2));
  }
  const density = (x: number) =>
    scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2);
  const steps = 2000;
  let sum = density(0) + density(t);
  for (let i = 1; i < steps; i++) {
    sum += (i % 2 === 1 ? 4 : 2) * density(i * t / steps);
  }
  return 2 * sum * t / steps / 3;
}

Deno.test("pairedDifference() takes Student's t at 95 % for 2 to 31 seeds, and is never too sure beyond", () => {
  for (let seeds = 2; seeds <= 31; seeds++) {
    const changed = Array.from({ length: seeds }, (_, i) => i);
    const { standardError, halfWidth } = pairedDifference(
      changed,
      changed.map(() => 0),
    );
    const t = halfWidth! / standardError!;
    // A table's last digit: t lies between the roundings.
    assert.ok(withinT(t - 6e-4, seeds - 1) < 0.95, `${seeds} seeds: ${t}`);
    assert.ok(withinT(t + 6e-4, seeds - 1) > 0.95, `${seeds} seeds: ${t}`);
  }
  for (const seeds of [32, 100]) {
    const { standardError, halfWidth } = pairedDifference(
      Array.from({ length: seeds }, (_, i) => i),
      Array(seeds).fill(0),
    );
    const within = withinT(halfWidth! / standardError!, seeds - 1);
    assert.ok(within >= 0.95 && within < 0.96, `${seeds} seeds: ${within}`);
  }
});
