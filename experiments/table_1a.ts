/**
 * Table 1a: how much the temperature τ of localization distillation matters.
 * Rows are the student without LD, and with LD on the main region (the preset
 * `ld2021`) at each τ.
 *
 * smoke: seconds a run. small: 4 minutes for the teacher, under a minute for a
 * student, on 2 cores. `./ldlab demo --sweep --seeds 3` runs it.
 */
import { PRESETS } from "../lib/distill/mod.ts";
import {
  apOverTemperature,
  edgeDistributions,
  type Figure,
  formatCell,
  makeTable,
  type ProgressView,
  spread,
  type Table,
} from "../lib/report/mod.ts";
import { edgeExample } from "./edge_example.ts";
import {
  type ExperimentResult,
  type Row,
  runExperiment,
  TEACHER_SEED,
} from "./experiment.ts";
import { pairedDifference } from "./paired_difference.ts";
import { resultsFolder } from "./project.ts";
import { type Scale, SCALES } from "./scales.ts";
import { type RunRecord, RunStore } from "./store.ts";

/** The published rows: teacher R101, student R50, COCO val2017. */
const PAPER = new Map([
  [null, [40.1, 58.2, 43.1, 23.3, 44.4, 52.5]],
  [1, [40.3, 58.2, 43.4, 22.4, 44.0, 52.4]],
  [5, [40.9, 58.2, 44.3, 23.2, 45.0, 53.2]],
  [10, [41.1, 58.7, 44.9, 23.8, 44.9, 53.6]],
  [15, [40.7, 58.5, 44.2, 23.5, 44.3, 53.3]],
  [20, [40.5, 58.3, 43.7, 23.8, 44.1, 53.5]],
] as [number | null, number[]][]);

const METRICS = [
  ["ap", "AP"],
  ["ap50", "AP50"],
  ["ap75", "AP75"],
  ["apSmall", "APS"],
  ["apMedium", "APM"],
  ["apLarge", "APL"],
] as const;

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
  }: Table1aOptions = {}): Promise<Table1aResult> {
    checkOptions(scale, seeds, temperatures);
    const pair = SCALES[scale as Scale];
    const store = new RunStore(folder);
    const rows: Row[] = [
      { label: "without LD", change: {} },
      ...temperatures.map((temperature): Row => ({
        label: `LD, τ = ${temperature}`,
        change: {
          terms: { ld: { ...PRESETS.ld2021.ld, temperature } },
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
          onNotice: (message) => notices.push(message),
          onProgress: ({ label, seed, run, runs, share, progress: state }) =>
            progress?.update({
              levels: [{
                kind: "run",
                name: label === "teacher" ? label : `${label}, seed ${seed}`,
                index: run,
                count: runs,
              }],
              share,
              step: state.iteration,
              steps: state.total,
              terms: state.terms,
              imagesPerSecond: state.imagesPerSecond,
            }),
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
  if (!(scale in SCALES)) {
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

/** What Table 1a gave: tables, figures and a conclusion. */
export class Table1aResult {
  readonly scale: Scale;
  /** τ of each row; `null` is the baseline. */
  readonly temperatures: readonly (number | null)[];
  readonly result: ExperimentResult;
  /** What the user should know, for example which boxes were skipped. */
  readonly notices: readonly string[];
  readonly #folder: string;

  constructor(
    scale: Scale,
    temperatures: readonly (number | null)[],
    result: ExperimentResult,
    notices: readonly string[],
    folder: string,
  ) {
    this.scale = scale;
    this.temperatures = temperatures;
    this.result = result;
    this.notices = notices;
    this.#folder = folder;
  }

  /** The six AP of each row, beside the paper's. */
  table(): Table {
    const here = METRICS.map(([, heading]) =>
      ({ heading, kind: "number", group: "here" }) as const
    );
    const { teacher, rows } = this.result;
    return makeTable({
      title: "Table 1a: the temperature of localization distillation",
      columns: [
        { heading: "", kind: "text" },
        ...here,
        ...here.map((column) => ({ ...column, group: "paper" })),
      ],
      rows: [
        [
          "teacher",
          ...METRICS.map(([name]) => points([teacher], name)),
          ...METRICS.map(() => null),
        ],
        ...rows.map(({ row, runs }, index) => {
          const paper = PAPER.get(this.temperatures[index]);
          return [
            row.label,
            ...METRICS.map(([name]) => points(runs, name)),
            ...METRICS.map((_, metric) => paper?.[metric] ?? null),
          ];
        }),
      ],
      notes: [
        `Here: ${
          SCALES[this.scale].description
        }; test split; ${this.#seeds()}. ` +
        "Paper: COCO val2017, teacher R101, student R50, one run each.",
      ],
    });
  }

  /** AP of each class, the paired gain over the baseline, and the time. */
  details(): Table {
    const { teacher, rows } = this.result;
    const classes = Object.keys(teacher.metrics ?? {})
      .filter((name) => name.startsWith("ap "));
    const gains = [["ap", "ΔAP"], ["ap75", "ΔAP75"]] as const;
    const gain = (runs: readonly RunRecord[], metric: string) =>
      this.#gain(runs, metric);
    return makeTable({
      title: "Classes, gains and time",
      columns: [
        { heading: "", kind: "text" },
        ...classes.map((name) =>
          ({ heading: name.slice(3), kind: "number", group: "AP" }) as const
        ),
        ...gains.map(([, heading]) =>
          ({ heading, kind: "text", group: "gain over no LD" }) as const
        ),
        { heading: "time", kind: "duration" },
      ],
      rows: [
        [
          "teacher",
          ...classes.map((name) => points([teacher], name)),
          null,
          null,
          teacher.seconds,
        ],
        ...rows.map(({ row, runs }, index) => [
          row.label,
          ...classes.map((name) => points(runs, name)),
          ...gains.map(([metric]) =>
            this.temperatures[index] === null
              ? null
              : gainText(gain(runs, metric))
          ),
          mean(runs.map(({ seconds }) => seconds)),
        ]),
      ],
      notes: [
        "Gains are paired by seed" +
        (this.#seedCount() > 1
          ? ", with the 95 % confidence interval of the mean (Student's t)."
          : "; one seed cannot say how far chance carries them.") +
        " Time is a run's training and evaluation.",
      ],
    });
  }

  /** AP over τ with the spread over seeds, beside the paper's curve. */
  figure(): Figure {
    return apOverTemperature({
      rows: this.result.rows.map(({ runs }, index) => ({
        temperature: this.temperatures[index],
        ap: runs.map(({ metrics }) => 100 * (metrics?.ap ?? NaN)),
      })),
      paper: [...PAPER].map(([temperature, [ap]]) => ({
        temperature,
        ap: [ap],
      })),
      here: this.scale === "small" ? "BCCD test" : "synthetic scenes",
      there: "COCO val2017",
    });
  }

  /** Softened edge distributions of one box of a test image. */
  async edgeDistributions(): Promise<Figure> {
    const { rows } = this.result;
    const at = this.#shown();
    const { config: pupil } = rows[at];
    const store = new RunStore(this.#folder);
    try {
      const example = await edgeExample([
        { name: "teacher", ...pupil.teacher! },
        { name: "student without LD", config: rows[0].config, seed: 0 },
        { name: `student with ${rows[at].row.label}`, config: pupil, seed: 0 },
      ], store);
      return edgeDistributions(example);
    } finally {
      store.close();
    }
  }

  /** What the runs say about the paper's conclusion, in Markdown. */
  conclusion(): string {
    const { rows } = this.result;
    const gains = rows.slice(1).map(({ row, runs }, index) => ({
      label: `τ = ${this.temperatures[index + 1]}`,
      row,
      ...this.#gain(runs, "ap"),
    }));
    const best = gains.reduce((a, b) => b.mean > a.mean ? b : a);
    const helped = gains.filter(({ mean }) => mean > 0);
    const sure = gains.filter(({ mean, halfWidth }) =>
      halfWidth !== null && mean - halfWidth > 0
    );
    const lines = [
      `LD raised AP at ${helped.length} of ${gains.length} temperatures here; ` +
      `the largest gain was ${gainText(best)} at ${best.label}.`,
      this.#seedCount() === 1
        ? "This is one seed: differences of about one AP are within what a " +
          "seed changes. Set `seeds` to 3 or more to tell."
        : sure.length > 0
        ? `With ${this.#seeds()} the gain is above 0 with 95 % confidence at ` +
          `${sure.map(({ label }) => label).join(", ")}.`
        : `With ${this.#seeds()} no gain is above 0 with 95 % confidence: the ` +
          "seeds' spread is as large as the effect.",
      "In the paper LD gains at every τ, most at τ = 10 (+1.0 AP).",
    ];
    if (this.scale === "smoke") {
      lines.push(
        "The `smoke` scale only shows that everything runs: its numbers say " +
          "nothing about LD.",
      );
    }
    return lines.join("\n\n");
  }

  /** The row that is shown with the baseline: the paper's τ if it was run. */
  #shown(): number {
    const at = this.temperatures.indexOf(10);
    return at > 0 ? at : 1;
  }

  #seedCount(): number {
    return this.result.rows[0].runs.length;
  }

  #seeds(): string {
    const count = this.#seedCount();
    return count === 1 ? "seed 0" : `seeds 0 to ${count - 1}`;
  }

  #gain(runs: readonly RunRecord[], metric: string) {
    const of = (records: readonly RunRecord[]) =>
      records.map(({ metrics }) => 100 * (metrics?.[metric] ?? NaN));
    return pairedDifference(of(runs), of(this.result.rows[0].runs));
  }
}

/** A metric over seeds in points; `null` where some seed has none. */
function points(runs: readonly RunRecord[], name: string) {
  const values = runs.map(({ metrics }) => metrics?.[name]);
  if (values.some((value) => value === undefined)) return null;
  return spread(values.map((value) => 100 * value!));
}

const mean = (values: readonly number[]) => spread(values).mean;

function gainText(
  { mean, halfWidth }: { mean: number; halfWidth: number | null },
): string {
  const number = { heading: "", kind: "number", digits: 1 } as const;
  const sign = mean > 0 ? "+" : "";
  const half = halfWidth === null ? "" : ` ± ${formatCell(halfWidth, number)}`;
  return `${sign}${formatCell(mean, number)}${half}`;
}
