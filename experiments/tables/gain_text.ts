import { formatCell } from "../../lib/report/mod.ts";
import type { Gain } from "./outcome.ts";

/**
 * A gain as text.
 *
 * @returns For example `+2.1 ± 0.8`; without the interval for one seed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gainText } from "./gain_text.ts";
 * assert.equal(gainText({ mean: 2.06, halfWidth: 0.8 }), "+2.1 ± 0.8");
 * ```
 */
export function gainText({ mean, halfWidth }: Gain): string {
  const number = { heading: "", kind: "number", digits: 1 } as const;
  const sign = mean > 0 ? "+" : "";
  const half = halfWidth === null ? "" : ` ± ${formatCell(halfWidth, number)}`;
  return `${sign}${formatCell(mean, number)}${half}`;
}
