import type { TermRow } from "./describe_terms.ts";

const COLUMNS = [
  ["term", "term"],
  ["loss", "loss"],
  ["region", "region"],
  ["weight", "weight"],
  ["temperature", "τ"],
  ["weighting", "weighted by"],
  ["normalization", "reduced to"],
] as const satisfies readonly (readonly [keyof TermRow, string])[];

/**
 * Writes described terms for a terminal: a table, and under each term where it
 * departs from the released code and from the paper.
 *
 * @param rows Of `describeTerms`.
 * @returns Lines without a trailing line break.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeTerms } from "ldlab/distill/describe_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { termsToText } from "ldlab/distill/terms_text.ts";
 *
 * const text = termsToText(describeTerms(PRESETS.ld2021));
 * assert.match(text, /^ld {4}ld {4}main {4}0.25 {4}10 {2}score/m);
 * assert.match(text, /^ {2}released code: as released$/m);
 * ```
 */
export function termsToText(rows: readonly TermRow[]): string {
  const cells = [
    COLUMNS.map(([, heading]) => heading as string),
    ...rows.map((row) => COLUMNS.map(([key]) => `${row[key] ?? "–"}`)),
  ];
  const widths = COLUMNS.map((_, at) =>
    Math.max(...cells.map((row) => row[at].length))
  );
  const lines = cells.map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at])).join("  ").trimEnd()
  );
  return lines.flatMap((line, at) =>
    at === 0 ? [line] : [
      line,
      `  released code: ${rows[at - 1].released}`,
      `  paper: ${rows[at - 1].paper}`,
    ]
  ).join("\n");
}
