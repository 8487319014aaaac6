import { makeTable, type Table } from "../../lib/report/mod.ts";
import type { Component } from "./entry.ts";

/**
 * How large a bundle is, by component.
 *
 * @param components What is in it.
 * @param packedBytes Of each component's parts; none for a folder.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { textEntry } from "./entry.ts";
 * import { sizeTable } from "./size_table.ts";
 *
 * const entries = [textEntry("a", " ".repeat(2 ** 20))];
 * const { rows } = sizeTable([{ name: "ldlab", entries }], [2 ** 19]);
 * assert.deepEqual(rows, [["ldlab", 1, 1, 0.5], ["all", 1, 1, 0.5]]);
 * ```
 */
export function sizeTable(
  components: readonly Component[],
  packedBytes: readonly number[],
): Table {
  const number = (heading: string, digits: number) =>
    ({ heading, kind: "number", digits }) as const;
  const rows = components.map(({ name, entries }, at) =>
    [
      name,
      entries.length,
      sum(entries.map((entry) => entry.kind === "file" ? entry.bytes : 0)),
      packedBytes[at] ?? 0,
    ] as const
  );
  const total = [
    "all",
    ...[1, 2, 3].map((at) => sum(rows.map((row) => row[at] as number))),
  ] as [string, number, number, number];
  const packed = packedBytes.length > 0;
  return makeTable({
    title: "Bundle",
    columns: [
      { heading: "", kind: "text" },
      number("files", 0),
      number("MiB unpacked", 1),
      ...packed ? [number("MiB in parts", 1)] : [],
    ],
    rows: [...rows, total].map(([name, files, bytes, packedAs]) => [
      name,
      files,
      bytes / 2 ** 20,
      ...packed ? [packedAs / 2 ** 20] : [],
    ]),
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
