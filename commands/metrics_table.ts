import type { PublishedResult } from "../experiments/published/mod.ts";
import { makeTable, type Table } from "../lib/report/mod.ts";

/** What the metrics of a record are called, in the order of the columns. */
const HEADINGS: Readonly<Record<string, string>> = {
  ap: "AP",
  ap50: "AP50",
  ap75: "AP75",
  apSmall: "APS",
  apMedium: "APM",
  apLarge: "APL",
};

/** Where the metrics of classes begin. */
const OF_CLASS = "ap ";

/** One measured detector. */
export interface MeasuredRow {
  readonly label: string;
  /** As `measure` gives them, 0 to 1. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Seconds; left out where nothing took any. */
  readonly seconds?: number;
}

/**
 * Measured detectors as a table, AP in percent.
 *
 * @param rows One or more.
 * @param published What was published of them, as last rows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { metricsTable } from "./metrics_table.ts";
 *
 * const { rows } = metricsTable("A", [{ label: "LD", metrics: { ap: 0.404, ap50: 0.6 } }]);
 * assert.deepEqual(rows, [["LD", 40.4, 60]]);
 * ```
 */
export function metricsTable(
  title: string,
  rows: readonly MeasuredRow[],
  published: readonly PublishedResult[] = [],
): Table {
  const names = Object.keys(HEADINGS)
    .filter((name) => rows.some(({ metrics }) => name in metrics));
  const timed = rows.some(({ seconds }) => seconds !== undefined);
  return makeTable({
    title,
    columns: [
      { heading: "", kind: "text" },
      ...names.map((name) =>
        ({ heading: HEADINGS[name], kind: "number" }) as const
      ),
      ...(timed ? [{ heading: "time", kind: "duration" } as const] : []),
    ],
    rows: [
      ...rows.map(({ label, metrics, seconds }) => [
        label,
        ...names.map((name) => percent(metrics[name])),
        ...(timed ? [seconds ?? null] : []),
      ]),
      ...published.map(({ table, split, metrics }) => [
        `published: ${table}, ${split}`,
        ...names.map((name) => metrics[name] ?? null),
        ...(timed ? [null] : []),
      ]),
    ],
  });
}

/**
 * The AP of each class as a table, in percent.
 *
 * @param metrics As `measure` gives them, 0 to 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { classTable } from "./metrics_table.ts";
 *
 * const { rows } = classTable({ ap: 0.5, "ap cat": 0.5 });
 * assert.deepEqual(rows, [["cat", 50]]);
 * ```
 */
export function classTable(metrics: Readonly<Record<string, number>>): Table {
  return makeTable({
    title: "AP by class",
    columns: [
      { heading: "class", kind: "text" },
      { heading: "AP", kind: "number" },
    ],
    rows: Object.entries(metrics)
      .filter(([name]) => name.startsWith(OF_CLASS))
      .map(([name, value]) => [name.slice(OF_CLASS.length), percent(value)]),
  });
}

/** In percent, without the noise of the product: 0.07 · 100. */
function percent(share: number | undefined): number | null {
  return share === undefined ? null : Number((100 * share).toPrecision(12));
}
