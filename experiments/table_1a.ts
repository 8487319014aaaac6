/**
 * Table 1a: how much the temperature τ of localization distillation matters.
 * Rows are the student without LD, and with LD on the main region (the preset
 * `ld2021`) at each τ.
 *
 * smoke: seconds a run. small: 4 minutes for the teacher, under a minute for a
 * student, on 2 cores. `./ldlab demo --sweep --seeds 3` runs it.
 */
import { PRESETS } from "../lib/distill/mod.ts";
import type { ProgressView } from "../lib/report/mod.ts";
import { type Row, runExperiment, TEACHER_SEED } from "./experiment.ts";
import { progressState } from "./progress_state.ts";
import { resultsFolder } from "./project.ts";
import { type Scale, SCALES } from "./scales.ts";
import { RunStore } from "./store.ts";
import { Table1aResult } from "./table_1a_result.ts";

/** What to run of Table 1a. */
export interface Table1aOptions {
  /** `small` unless given. */
  readonly scale?: string;
  /** How often each row is run; 1 unless given. */
  readonly seeds?: number;
  /** Each τ above 0; the paper's unless given. */
  readonly temperatures?: readonly number[];
  /** Where runs are stored; `results/` unless given. */
  readonly folder?: string;
  readonly progress?: ProgressView;
  readonly signal?: AbortSignal;
  /**
   * Told at once what the user should know, each message once: for example
   * which boxes were skipped, or that another process is at a run.
   */
  readonly onNotice?: (message: string) => void;
}

/** Table 1a of the paper as an experiment. */
export const table1a = {
  /**
   * Runs what is not stored yet.
   *
   * @throws {RangeError} If an option is out of its range.
   * @throws {DOMException} `AbortError` if the signal stopped it; what was
   * finished is stored, and the same call goes on.
   */
  async run({
    scale = "small",
    seeds = 1,
    temperatures = [1, 5, 10, 15, 20],
    folder = resultsFolder,
    progress,
    signal,
    onNotice,
  }: Table1aOptions = {}): Promise<Table1aResult> {
    checkOptions(scale, seeds, temperatures);
    const pair = SCALES[scale as Scale];
    const store = new RunStore(folder);
    const rows: Row[] = [
      { label: "without LD", change: {} },
      ...temperatures.map((temperature): Row => ({
        label: `LD, τ = ${temperature}`,
        change: {
          terms: { ld: { ...PRESETS.ld2021.terms.ld, temperature } },
          teacher: { config: pair.teacher, seed: TEACHER_SEED },
        },
      })),
    ];
    const notices: string[] = [];
    try {
      const result = await runExperiment(
        { teacher: pair.teacher, baseline: pair.student, rows },
        {
          store,
          seeds,
          signal,
          onNotice: (message) => {
            notices.push(message);
            onNotice?.(message);
          },
          onProgress: (state) => progress?.update(progressState(state)),
        },
      );
      if (result === null) {
        throw new DOMException(
          "Stopped. What is finished is stored; run the same again to go on",
          "AbortError",
        );
      }
      return new Table1aResult(
        scale as Scale,
        [null, ...temperatures],
        result,
        notices,
        folder,
      );
    } finally {
      store.close();
    }
  },
};

function checkOptions(
  scale: string,
  seeds: number,
  temperatures: readonly number[],
): void {
  const bad = (what: string, right: string, value: unknown) =>
    new RangeError(
      `Cannot run Table 1a: ${what} must be ${right}: current value is ${value}`,
    );
  if (!Object.hasOwn(SCALES, scale)) {
    throw bad("scale", Object.keys(SCALES).join(" or "), `'${scale}'`);
  }
  if (!(Number.isInteger(seeds) && seeds > 0)) {
    throw bad("seeds", "a whole number above 0", seeds);
  }
  const odd = temperatures.some((value) => !(value > 0 && value < Infinity));
  if (odd || new Set(temperatures).size < Math.max(temperatures.length, 1)) {
    throw bad(
      "temperatures",
      "at least one, different, above 0",
      `[${temperatures}]`,
    );
  }
}
