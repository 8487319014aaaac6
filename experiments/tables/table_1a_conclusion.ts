import { gainText } from "../../lib/report/mod.ts";
import type { Gain } from "./outcome.ts";
import { scaleCaveat } from "./scale_caveat.ts";
import type { TableScale } from "./table_setting.ts";

/**
 * What the gains say about the paper's conclusion that LD helps at every τ.
 *
 * @param gains Each with its temperature as its label; at least one.
 * @param options.seeds How often each row was run.
 * @param options.scale Some scales show less than others.
 * @returns Paragraphs in Markdown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const gains = [{ label: "τ = 10", mean: 2.1, halfWidth: 0.8 }];
 * const text = concludeTable1a(gains, { seeds: 3, scale: "small" });
 * assert.match(text, /largest gain was \+2\.1 ± 0\.8 at τ = 10\./);
 * assert.match(text, /above 0 with 95 % confidence at τ = 10\./);
 * ```
 */
export function concludeTable1a(
  gains: readonly (Gain & { readonly label: string })[],
  { seeds, scale }: { seeds: number; scale: TableScale },
): string {
  const best = gains.reduce((a, b) => b.mean > a.mean ? b : a);
  const helped = gains.filter(({ mean }) => mean > 0);
  const lines = [
    `LD raised AP at ${helped.length} of ${gains.length} temperatures here; ` +
    (best.mean > 0
      ? `the largest gain was ${gainText(best)} at ${best.label}.`
      : `at best, at ${best.label}, AP changed by ${gainText(best)}.`),
    seeds === 1
      ? "This is one seed: differences of about one AP are within what a " +
        "seed changes. Set `seeds` to 3 or more to tell."
      : confidence(gains, seeds),
    "In the paper LD gains at every τ, most at τ = 10 (+1.0 AP). " +
    verdict(gains, best),
    scaleCaveat(scale),
  ];
  return lines.join("\n\n");
}

/**
 * Whether the paper's two findings show here: that LD helps holds where each
 * interval says so, and fails where one says the opposite.
 */
function verdict(
  gains: readonly (Gain & { readonly label: string })[],
  best: Gain & { readonly label: string },
): string {
  const says = (sign: 1 | -1) => ({ mean, halfWidth }: Gain) =>
    halfWidth !== null && sign * mean - halfWidth > 0;
  const first = "That LD helps " +
    (gains.every(says(1))
      ? "holds here"
      : gains.some(says(-1))
      ? "does not hold here"
      : "cannot be told here");
  if (gains.length === 1) return `${first}.`;
  const same = best.label === "τ = 10";
  return `${first}; the best τ is ${same ? "the same" : "another"}.`;
}

/** At which temperatures chance alone explains the change badly. */
function confidence(
  gains: readonly (Gain & { readonly label: string })[],
  seeds: number,
): string {
  const at = (sure: (mean: number, halfWidth: number) => boolean) =>
    gains
      .filter(({ mean, halfWidth }) =>
        halfWidth !== null && sure(mean, halfWidth)
      )
      .map(({ label }) => label).join(", ");
  const above = at((mean, halfWidth) => mean - halfWidth > 0);
  const below = at((mean, halfWidth) => mean + halfWidth < 0);
  const found = [
    above && `above 0 with 95 % confidence at ${above}`,
    below && `below 0 with 95 % confidence at ${below}`,
  ].filter(Boolean);
  const several = gains.length > 1
    ? " Each interval stands for its row alone: of several rows, one may be " +
      "off by chance."
    : "";
  return found.length > 0
    ? `With ${seeds} seeds the gain is ${found.join(", and ")}.${several}`
    : `With ${seeds} seeds no change differs from 0 with 95 % confidence: the ` +
      "seeds' spread is as large as the effect.";
}
