import { makeTable, type Table } from "../lib/report/mod.ts";
import type { FigureResult } from "./figure.ts";
import type { Machine } from "./machine.ts";
import type { RowResult } from "./row.ts";

/** Everything a run of the benchmark found: the file it leaves. */
export interface Report {
  readonly machine: Machine;
  readonly commit: string;
  readonly rows: readonly RowResult[];
  readonly figures: readonly FigureResult[];
}

/** How a value stands to its limit, in a word. */
export function verdict(value: number | null, limit: number | null): string {
  if (value === null) return "not measured";
  if (limit === null) return "";
  return value <= limit ? "met" : "MISSED";
}

/** The rows: ours beside the peers. */
export function rowsTable({ machine, commit, rows }: Report): Table {
  const { card, processor, cores, memoryGiB, tensorflow, peers } = machine;
  const hasImages = rows.some(({ images }) => images !== undefined);
  return makeTable({
    title: `ldlab ${commit} on ${card === undefined ? "" : `${card}, `}` +
      `${processor}, ${cores} cores, ${memoryGiB} GiB; ` +
      `TensorFlow ${tensorflow}, PyTorch ${peers.torch ?? "absent"}`,
    columns: [
      { heading: "row", kind: "text" },
      { heading: "work", kind: "text" },
      { heading: "peer", kind: "text" },
      { heading: "ours, ms", kind: "number" },
      { heading: "peer, ms", kind: "number" },
      ...hasImages
        ? ["ours, images/s", "peer, images/s"].map((heading) =>
          ({ heading, kind: "number", digits: 1 }) as const
        )
        : [],
      { heading: "ours / peer", kind: "number", digits: 2 },
      { heading: "quartiles", kind: "number" },
      { heading: "limit", kind: "number", digits: 2 },
      { heading: "", kind: "text" },
    ],
    rows: rows.map((row) => [
      row.id,
      row.work,
      row.peer,
      milliseconds(row.ours_ms),
      milliseconds(row.peer_ms),
      ...hasImages
        ? [perSecond(row, row.ours_ms), perSecond(row, row.peer_ms)]
        : [],
      row.ratio,
      row.spread?.map((value) => value.toFixed(2)).join(" to ") ?? null,
      row.limit,
      verdict(row.ratio, row.limit),
    ]),
    notes: rows.map(({ id, note }) => `${id}: ${note}`),
  });
}

/** With a decimal, or two digits of what is very short. */
function milliseconds(value: number | null): string | null {
  if (value === null) return null;
  return value < 0.1 ? value.toPrecision(2) : value.toFixed(1);
}

/** How many images of so many in a work that takes so long. */
function perSecond({ images }: RowResult, ms: number | null): number | null {
  return images === undefined || ms === null ? null : 1000 * images / ms;
}

/** The figures. */
export function figuresTable({ figures }: Report): Table {
  return makeTable({
    title: "Figures",
    columns: [
      { heading: "figure", kind: "text" },
      { heading: "what", kind: "text" },
      { heading: "value", kind: "number", digits: 2 },
      { heading: "limit", kind: "number", digits: 2 },
      { heading: "unit", kind: "text" },
      { heading: "", kind: "text" },
    ],
    rows: figures.map((
      { id, what, value, unit, limit },
    ) => [id, what, value, limit, unit, verdict(value, limit)]),
    notes: figures.map(({ id, note }) => `${id}: ${note}`),
  });
}
