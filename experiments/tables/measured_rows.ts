import type { RunConfig } from "../config.ts";
import { readSplits } from "../data.ts";
import type { ExperimentResult } from "../experiment.ts";
import type { ExperimentProgress } from "../jobs.ts";
import { measure } from "../measure.ts";
import type { RunRecord, RunStore } from "../store.ts";
import { openDetector } from "../weights.ts";
import type { Measuring, TableRow } from "./table_experiment.ts";
import { teacherErrors } from "./teacher_errors.ts";

/** How rows are measured once more. */
export interface MeasuredRowsOptions {
  readonly store: RunStore;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExperimentProgress) => void | Promise<void>;
}

/**
 * Measures the detectors of finished runs once more, where their rows say how.
 *
 * @param rows The table's, in the result's order.
 * @returns The result, those rows with the metrics found now.
 */
export async function measureRows(
  result: ExperimentResult,
  rows: readonly TableRow[],
  { store, signal, onProgress }: MeasuredRowsOptions,
): Promise<ExperimentResult> {
  const todo =
    rows.flatMap(({ measuring }, at) => measuring ? result.rows[at].runs : [])
      .length;
  let done = 0;
  const measured: ExperimentResult["rows"][number][] = [];
  for (const [at, row] of result.rows.entries()) {
    const { measuring, label } = rows[at];
    if (!measuring) {
      measured.push(row);
      continue;
    }
    const runs: RunRecord[] = [];
    for (const run of row.runs) {
      const { seed } = run;
      if (run.status === "diverged") { // has no weights
        runs.push(run);
        done++;
        continue;
      }
      const tell = async (activity: string) =>
        await onProgress?.({
          label,
          seed,
          run: done,
          runs: todo,
          share: done / todo,
          activity,
        });
      await tell("evaluating");
      signal?.throwIfAborted();
      const own = { config: row.config, seed };
      const { errorsTo } = measuring;
      const metrics = errorsTo
        ? { ...run.metrics, ...await teacherErrors(own, errorsTo, store) }
        : await measureRun(own, measuring, { store, signal, tell });
      runs.push({ ...run, metrics });
      done++;
    }
    measured.push({ ...row, runs });
  }
  return { ...result, rows: measured };
}

async function measureRun(
  { config, seed }: { config: RunConfig; seed: number },
  { evaluation = config.evaluation ?? "coco", decode }: Measuring,
  { store, signal, tell }: {
    store: RunStore;
    signal?: AbortSignal;
    tell: (activity: string) => Promise<void>;
  },
): Promise<Record<string, number>> {
  const splits = await readSplits(config.data, () => {}); // was told
  const detector = await openDetector({ config, seed, store });
  try {
    return await measure(detector, { ...config, evaluation }, splits, {
      signal,
      decode,
      onRecord: (step) => tell(`recording the step '${step}'`),
    });
  } finally {
    detector.dispose();
  }
}
