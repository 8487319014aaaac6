import { canonicalJson, type Json } from "../../lib/train/mod.ts";
import { type RunConfig, runId } from "../config.ts";
import { readSplits } from "../data.ts";
import type { ExperimentResult } from "../experiment.ts";
import type { ExperimentProgress } from "../jobs.ts";
import { measure } from "../measure.ts";
import { recordingOf } from "../recording_of.ts";
import type { RunRecord, RunStore } from "../store.ts";
import { openDetector } from "../weights.ts";
import type { Measuring, TablePlan, TableRow } from "./table_experiment.ts";
import { teacherErrors } from "./teacher_errors.ts";

/** How rows are measured once more. */
export interface MeasuredRowsOptions {
  readonly store: RunStore;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExperimentProgress) => void | Promise<void>;
}

/** A run that is measured once more. */
interface MeasuredRun extends Pick<TableRow, "label" | "measuring"> {
  readonly id: string;
  readonly config: RunConfig;
  readonly seed: number;
  /** As the store knows its measuring. */
  readonly way: string;
}

/**
 * Whose weights are wanted for what a plan's rows measure once more: the first
 * seed's are in any case, as figures show it; the others' where something of
 * them is not stored.
 */
export async function weightsToMeasure(
  { baseline, rows }: TablePlan,
  seeds: number,
  store: RunStore,
): Promise<"firstSeed" | "allSeeds"> {
  for (const { change, measuring } of rows) {
    const config = { ...baseline, ...change };
    const way = await wayOf(measuring, config);
    if (way === null) continue;
    for (let seed = 1; seed < seeds; seed++) {
      const id = await runId(config, seed);
      const { status } = store.ended(id) ?? {};
      if (status === "diverged") continue; // has no weights
      if (store.measured(id, way) === undefined) return "allSeeds";
    }
  }
  return "firstSeed";
}

/**
 * Measures the detectors of finished runs once more, where their rows say how and
 * it is not stored.
 *
 * @param rows The table's, in the result's order.
 * @returns The result, those rows with the metrics found so.
 */
export async function measureRows(
  result: ExperimentResult,
  rows: readonly TableRow[],
  { store, signal, onProgress }: MeasuredRowsOptions,
): Promise<ExperimentResult> {
  const ways = await Promise.all(
    result.rows.map(({ config }, at) => wayOf(rows[at].measuring, config)),
  );
  const fresh = new Map<string, Readonly<Record<string, number>>>();
  const todo: MeasuredRun[] = [];
  for (const [at, { config, runs }] of result.rows.entries()) {
    const way = ways[at];
    for (const { id, seed, status } of runs) {
      // One that diverged has no weights.
      if (way === null || status === "diverged") continue;
      if (store.measured(id, way)) continue;
      todo.push({ ...rows[at], id, config, seed, way });
    }
  }
  for (const [done, run] of todo.entries()) {
    const { id, label, seed, way } = run;
    const [runs, share] = [todo.length, done / todo.length];
    const tell = async (activity: string) =>
      await onProgress?.({ label, seed, run: done, runs, share, activity });
    await tell("evaluating");
    signal?.throwIfAborted();
    const metrics = await measureRun(run, { store, signal, tell });
    const { errorsTo } = run.measuring!;
    const teacher = errorsTo && await runId(errorsTo.config, errorsTo.seed);
    store.addMeasured(id, way, metrics, teacher);
    fresh.set(`${id} ${way}`, metrics);
  }
  const metricsOf = ({ id }: RunRecord, way: string) =>
    fresh.get(`${id} ${way}`) ?? store.measured(id, way);
  return {
    ...result,
    rows: result.rows.map((row, at) => ({
      ...row,
      runs: row.runs.map((run) => {
        const way = ways[at];
        const metrics = way === null ? undefined : metricsOf(run, way);
        return metrics ? { ...run, metrics } : run;
      }),
    })),
  };
}

async function measureRun(
  { id, config, seed, measuring = {} }: MeasuredRun,
  { store, signal, tell }: {
    store: RunStore;
    signal?: AbortSignal;
    tell: (activity: string) => Promise<void>;
  },
): Promise<Readonly<Record<string, number>>> {
  const { errorsTo, decode, evaluation = config.evaluation ?? "coco" } =
    measuring;
  if (errorsTo) {
    const errors = await teacherErrors({ config, seed }, errorsTo, store);
    return { ...store.get(id)!.metrics, ...errors };
  }
  const splits = await readSplits(config.data, () => {}); // was told
  const detector = await openDetector({ config, seed, store });
  try {
    return await measure(detector, { ...config, evaluation }, splits, {
      signal,
      decode,
      onRecord: (step) => tell(recordingOf(step)),
    });
  } finally {
    detector.dispose();
  }
}

/** A way to measure a run, as the store knows it; null for the run's own. */
async function wayOf(
  measuring: Measuring | undefined,
  config: RunConfig,
): Promise<string | null> {
  if (!measuring) return null;
  const { errorsTo, decode, evaluation } = measuring;
  const way = errorsTo
    ? { errorsTo: await runId(errorsTo.config, errorsTo.seed) }
    : {
      evaluation: evaluation ?? config.evaluation ?? "coco",
      decode: decode ?? null,
    };
  return canonicalJson(way as unknown as Json);
}
