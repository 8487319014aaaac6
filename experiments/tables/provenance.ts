import { formatDuration } from "../../lib/report/mod.ts";
import { type MachineFacts, machineFacts } from "../machine.ts";
import { commitId } from "../run_environment.ts";
import { engineText, openRunEngine } from "../run_engine.ts";
import { numericsVersion, type RunRecord } from "../store.ts";
import type { TableResult } from "./table_result.ts";

/** Where a table's numbers come from. */
export interface Provenance {
  readonly table: string;
  readonly scale: string;
  /** Of the rows; teachers have their own. */
  readonly seeds: readonly number[];
  /** The rows' runs and all shown teachers', each once. */
  readonly runs: {
    readonly count: number;
    /** The code's commits, with `+` where files differed from them. */
    readonly commits: readonly string[];
    readonly numerics: readonly number[];
    readonly environments: readonly string[];
    /** When the first of them was started. */
    readonly started: string;
    /**
     * When the last of them had ended, had none been interrupted, as its seconds
     * count its sittings only.
     */
    readonly ended: string;
    /** Of all of them together. */
    readonly seconds: number;
  };
  /** What put them together and measured them once more, if it did. */
  readonly written: {
    readonly commit: string;
    readonly numerics: number;
    readonly date: string;
    readonly machine: MachineFacts;
    readonly deno: string;
    readonly engine: string;
  };
}

/**
 * Says where a table's numbers come from.
 *
 * Use it where results are written down. It opens the engine, which tells its
 * version.
 *
 * @param result What its runs gave.
 * @param now The time of writing.
 */
export async function provenanceOf(
  { experiment, scale, result }: TableResult,
  now = new Date(),
): Promise<Provenance> {
  const { teachers, rows } = result;
  const all = [
    ...teachers.map(({ run }) => run),
    ...rows.flatMap(({ runs }) => runs),
  ];
  const runs = [...new Map(all.map((run) => [run.id, run])).values()];
  return {
    table: experiment.id,
    scale,
    seeds: rows[0].runs.map(({ seed }) => seed),
    runs: {
      count: runs.length,
      commits: distinct(runs, ({ commit }) => commit),
      numerics: distinct(runs, ({ numerics }) => numerics),
      environments: distinct(runs, ({ environment }) => environment),
      started: runs.map(({ started }) => started).sort()[0],
      ended: runs.map(endOf).sort().at(-1)!,
      seconds: Math.round(runs.reduce((sum, { seconds }) => sum + seconds, 0)),
    },
    written: {
      commit: commitId(),
      numerics: numericsVersion,
      date: now.toISOString(),
      machine: machineFacts(),
      deno: Deno.version.deno,
      engine: engineText(await openRunEngine()),
    },
  };
}

/**
 * Where a table's numbers come from, in a line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { provenanceText } from "./provenance.ts";
 * const text = provenanceText({
 *   table: "1a", scale: "small", seeds: [0, 1, 2],
 *   runs: {
 *     count: 19, commits: ["a2a99f6"], numerics: [3], environments: ["Deno 2.9.8, 2 cores"],
 *     started: "2026-11-22T18:43:58Z", ended: "2026-11-22T18:58:00Z", seconds: 745,
 *   },
 *   written: {
 *     commit: "d9ded05", numerics: 3, date: "2026-11-22T19:00:00Z", deno: "2.9.8", engine: "TensorFlow 2.21.0",
 *     machine: { processor: "Z80", cores: 2, memoryGiB: 8, system: "linux x86_64" },
 *   },
 * });
 * assert.match(text, /^19 runs, 12 min 25 s in all, from 2026-11-22 18:43 to 2026-11-22 18:58 UTC/);
 * ```
 */
export function provenanceText(
  { scale, seeds, runs, written }: Provenance,
): string {
  const { machine } = written;
  const minute = (date: string) => date.slice(0, 16).replace("T", " ");
  return `${runs.count} ${runs.count === 1 ? "run" : "runs"}, ` +
    `${formatDuration(runs.seconds)} in all, from ${minute(runs.started)} to ` +
    `${minute(runs.ended)} UTC; scale ${scale}, ` +
    `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}; ` +
    `commit ${runs.commits.join(", ")}, numerics ${
      runs.numerics.join(", ")
    }; ` +
    `${runs.environments.join("; ")}. Written ${minute(written.date)} UTC by ` +
    `commit ${written.commit} with Deno ${written.deno} and ` +
    `${written.engine} on ${machine.processor}, ${machine.cores} cores, ` +
    `${machine.memoryGiB} GiB.`;
}

function endOf({ started, seconds }: RunRecord): string {
  return new Date(Date.parse(started) + 1000 * seconds).toISOString();
}

function distinct<T>(
  runs: readonly RunRecord[],
  of: (run: RunRecord) => T,
): T[] {
  return [...new Set(runs.map(of))].sort();
}
