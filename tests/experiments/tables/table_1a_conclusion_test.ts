import assert from "node:assert/strict";
import { gainText } from "ldlab/report/gain_text.ts";
import { concludeTable1a } from "../../../experiments/tables/table_1a_conclusion.ts";

const gain = (tau: number, mean: number, halfWidth: number | null = null) => ({
  label: `τ = ${tau}`,
  mean,
  halfWidth,
});
const small = { seeds: 3, scale: "small" } as const;

Deno.test("concludeTable1a() counts temperatures and names the largest gain", () => {
  const text = concludeTable1a([gain(1, -0.2), gain(10, 2.06), gain(20, 1)], {
    ...small,
    seeds: 1,
  });
  assert.match(text, /raised AP at 2 of 3 temperatures/);
  assert.match(text, /the largest gain was \+2\.1 at τ = 10\./);
  assert.match(text, /This is one seed: .*Set `seeds` to 3/);
  assert.doesNotMatch(text, /confidence/);
});

Deno.test("concludeTable1a() calls a loss no gain", () => {
  const losses = [gain(1, -7.2, 1), gain(10, -9, 8.5)];
  const text = concludeTable1a(losses, small);
  assert.match(text, /raised AP at 0 of 2/);
  assert.match(text, /at best, at τ = 1, AP changed by −7\.2 ± 1\.0\./);
  assert.match(text, /is below 0 with 95 % confidence at τ = 1, τ = 10\./);
  assert.doesNotMatch(text, /largest gain|above 0/);
});

Deno.test("concludeTable1a() says which of the paper's findings hold", () => {
  const of = (...gains: ReturnType<typeof gain>[]) =>
    concludeTable1a(gains, small);
  assert.match(
    of(gain(1, 5.8, 1), gain(10, 3, 1)),
    /That LD helps holds here; the best τ is another\./,
  );
  assert.match(
    of(gain(1, -2, 1), gain(10, 3, 1)),
    /That LD helps does not hold here; the best τ is the same\./,
  );
  assert.match(of(gain(10, 3, 1)), /That LD helps holds here\.\n/);
  // One interval that leaves it open, or one seed, does so for all.
  assert.match(
    of(gain(1, 0.5, 1), gain(10, 3, 1)),
    /That LD helps cannot be told here; the best τ is the same\./,
  );
  assert.match(of(gain(10, 3)), /That LD helps cannot be told here\.\n/);
});

Deno.test("concludeTable1a() is sure only where the interval leaves out 0", () => {
  const of = (...gains: ReturnType<typeof gain>[]) =>
    concludeTable1a(gains, small);
  const mixed = of(
    gain(1, -1, 0.9),
    gain(5, 1, 1.1),
    gain(10, 1, 0.9),
    gain(15, -1, 1.1),
  );
  assert.match(
    mixed,
    /With 3 seeds the gain is above 0 with 95 % confidence at τ = 10, and below 0 with 95 % confidence at τ = 1\./,
  );
  assert.match(mixed, /Each interval stands for its row alone/);
  const unsure = of(gain(5, 1, 1.1), gain(10, -1, 1.1), gain(15, 0.5, 0.5));
  assert.match(unsure, /no change differs from 0 with 95 % confidence/);
  assert.doesNotMatch(unsure, /confidence at/);
  assert.doesNotMatch(of(gain(10, 1, 0.5)), /of several rows/);
});

Deno.test("concludeTable1a() says what each scale cannot show", () => {
  const of = (scale: "smoke" | "small") =>
    concludeTable1a([gain(10, 1, 0.5)], { seeds: 3, scale });
  assert.match(of("smoke"), /say nothing about LD/);
  assert.doesNotMatch(of("smoke"), /tuned/);
  assert.match(of("small"), /share their teacher/);
  assert.match(of("small"), /tuned on these test images with the reference/);
  assert.doesNotMatch(of("small"), /say nothing/);
});

Deno.test("gainText() writes signs, intervals and zero", () => {
  const cases = [
    [1.25, null, "+1.3"],
    [-0.52, 0.31, "−0.5 ± 0.3"],
    [0, 0.5, "0.0 ± 0.5"],
    [0.04, 0.5, "0.0 ± 0.5"],
    [-0.04, 0.5, "0.0 ± 0.5"],
    [NaN, null, "–"],
  ] as const;
  for (const [mean, halfWidth, text] of cases) {
    assert.equal(gainText({ mean, halfWidth }), text);
  }
});
