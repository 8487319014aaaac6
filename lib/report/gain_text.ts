import { formatCell } from "./table.ts";

/**
 * A gain as text.
 *
 * Use it wherever a gain is told, so that all tell it alike.
 *
 * @param gain in points: `mean`, NaN where there is none, and the half width of
 * its confidence interval, `null` for one seed
 * @returns for example `+2.1 ± 0.8`; without the interval for one seed, `–` where
 * there is no gain
 *
 * @example
 * ```ts
 * import { gainText } from "ldlab/report/gain_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(gainText({ mean: 2.06, halfWidth: 0.8 }), "+2.1 ± 0.8");
 * ```
 */
export function gainText(
  { mean, halfWidth }: {
    readonly mean: number;
    readonly halfWidth: number | null;
  },
): string {
  const number = { heading: "", kind: "number", digits: 1 } as const;
  const text = formatCell(mean, number);
  const sign = mean > 0 && Number(text) !== 0 ? "+" : ""; // none before 0.0
  const half = halfWidth === null ? "" : ` ± ${formatCell(halfWidth, number)}`;
  return `${sign}${text}${half}`;
}
