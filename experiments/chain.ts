import { makeTable, type Table } from "../lib/report/mod.ts";
import { type JobsOptions, runJobs } from "./jobs.ts";
import type { RunRecord } from "./store.ts";
import type { ChainLink } from "./teacher_assistants.ts";

/** A link of a chain and its run. */
export interface ChainRow {
  readonly link: ChainLink;
  /** Whom it learned from; `null` for the first. */
  readonly teacher: string | null;
  readonly run: RunRecord;
}

/**
 * Runs a chain of teacher assistants, link by link. Each link is a run of its
 * own in the store: links that are finished are not run again, an interrupted
 * one goes on from its checkpoint.
 *
 * @param links The chain, of {@linkcode teacherAssistants}.
 * @param options As of {@linkcode runJobs}.
 * @returns A row a link, in the chain's order; `null` if the signal stopped it,
 * and the same call goes on.
 * @throws {RangeError} If a link does not fit its teacher, before any run.
 */
export async function runChain(
  links: readonly ChainLink[],
  options: JobsOptions,
): Promise<ChainRow[] | null> {
  const jobs = links.map((link) => ({ ...link, weights: true }));
  const runs = await runJobs(jobs, options);
  return runs && runs.map((run, index) => ({
    link: links[index],
    teacher: links[index - 1]?.label ?? null,
    run,
  }));
}

/**
 * The results of a chain as a table: a row a link, with its teacher, its AP and
 * its time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chainTable } from "./chain.ts";
 * const { rows } = chainTable([]);
 * assert.deepEqual(rows, []);
 * ```
 */
export function chainTable(rows: readonly ChainRow[]): Table {
  const metrics = [["ap", "AP"], ["ap50", "AP50"], ["ap75", "AP75"]];
  return makeTable({
    title: "Teacher assistants",
    columns: [
      { heading: "", kind: "text" },
      { heading: "learns from", kind: "text" },
      ...metrics.map(([, heading]) => ({ heading, kind: "number" }) as const),
      { heading: "time", kind: "duration" },
    ],
    rows: rows.map(({ link, teacher, run }) => [
      link.label,
      teacher,
      ...metrics.map(([name]) => 100 * (run.metrics?.[name] ?? NaN)),
      run.seconds,
    ]),
    notes: ["Each link is one run; its teacher is the run above it."],
  });
}
