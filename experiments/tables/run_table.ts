import type { Engine } from "../../lib/engine/mod.ts";
import type { ProgressState, ProgressView } from "../../lib/report/mod.ts";
import { runExperiment } from "../experiment.ts";
import type { ExperimentProgress } from "../jobs.ts";
import { progressState } from "../progress_state.ts";
import { resultsFolder } from "../project.ts";
import { RunStore } from "../store.ts";
import { measureRows, weightsToMeasure } from "./measured_rows.ts";
import { requireCard } from "./full_width.ts";
import { type PlanOptions, planTable } from "./plan_table.ts";
import { scaleHere } from "./scale_here.ts";
import type { TableExperiment } from "./table_experiment.ts";
import { TableResult } from "./table_result.ts";

/** How much of a table is run, and who is told. */
export interface RunTableOptions extends PlanOptions {
  /** Where runs are stored; `results/` unless given. */
  readonly folder?: string;
  /** Whether weights that configs name may be downloaded; false unless given. */
  readonly allowDownload?: boolean;
  /** Whether runs that diverged are started over; false unless given. */
  readonly again?: boolean;
  /** After how many epochs a run is measured on its way; 6 unless given. */
  readonly evaluateEvery?: number;
  /** How many runs are done at the same time, as `runJobs`; 1 unless given. */
  readonly atOnce?: number;
  /**
   * Told what computes the runs, if one is not stored; unless given, it is a
   * notice where that is not TensorFlow.
   */
  readonly onStart?: (engine: Engine) => void | Promise<void>;
  readonly progress?: ProgressView;
  readonly signal?: AbortSignal;
  /**
   * Told at once what the user should know, each message once: for example
   * which boxes were skipped, or that another process is at a run.
   */
  readonly onNotice?: (message: string) => void;
}

/**
 * Runs what is not stored yet of a table; on an NVIDIA card, `small` at full width
 * ({@linkcode scaleHere}). Tables share teachers and baselines, and all else that
 * is the same run. Where all is stored, it starts no engine and reads no data.
 *
 * @throws {RangeError} If an option is out of its range.
 * @throws {Error} If full width would be run on the processor.
 * @throws {DOMException} `AbortError` if the signal stopped it; what was finished
 * is stored, and the same call goes on.
 */
export async function runTable(
  experiment: TableExperiment,
  {
    seeds = 1,
    folder = resultsFolder,
    allowDownload,
    again,
    evaluateEvery = 6,
    atOnce,
    onStart,
    progress,
    signal,
    onNotice,
    ...options
  }: RunTableOptions = {},
): Promise<TableResult> {
  const { setting, plan } = planTable(experiment, {
    scale: scaleHere(options.scale),
    seeds,
    rows: options.rows,
  });
  const { rows } = plan;
  const store = new RunStore(folder);
  const notices: string[] = [];
  const notice = (message: string) => {
    if (notices.includes(message)) return;
    notices.push(message);
    onNotice?.(message);
  };
  try {
    let runs = 0; // of which was told
    const onProgress = (state: ExperimentProgress) => {
      runs = state.runs;
      return progress?.update(progressState(state));
    };
    const runWith = (weights: "firstSeed" | "allSeeds", isAgain = again) =>
      runExperiment(plan, {
        store,
        seeds,
        weights,
        allowDownload,
        again: isAgain,
        evaluateEvery,
        atOnce,
        onStart: (engine) => {
          requireCard(setting, engine);
          if (onStart) return onStart(engine);
          if (engine.backend !== "tensorflow") notice(engine.reason);
        },
        signal,
        onProgress,
        onNotice: notice,
      });
    const wanted = await weightsToMeasure(plan, seeds, store);
    let result = await runWith(wanted);
    // A teacher that was run again took along what was measured against it.
    const wantedNow = await weightsToMeasure(plan, seeds, store);
    if (result !== null && wanted === "firstSeed" && wantedNow === "allSeeds") {
      result = await runWith(wantedNow, false);
    }
    if (result === null) throw stopped();
    const measured = await measureRows(result, rows, {
      store,
      signal,
      onProgress,
    });
    if (runs > 0) await progress?.update(finished(runs));
    return new TableResult({
      experiment,
      setting,
      plan,
      result: measured,
      notices,
      folder,
    });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw stopped();
    throw error;
  } finally {
    store.close();
  }
}

/** What is left to be seen, in place of what the last run did last. */
const finished = (runs: number): ProgressState => ({
  levels: [{ kind: "run", index: runs - 1, count: runs }],
  share: 1,
  activity: "finished",
  step: 0,
  steps: 0,
});

const stopped = () =>
  new DOMException(
    "Stopped. What is finished is stored; run the same again to go on",
    "AbortError",
  );
