import {
  apOverTemperature,
  edgeDistributions,
  type Figure,
  makeTable,
  spread,
  type Table,
} from "../lib/report/mod.ts";
import type { TeacherRun } from "./config.ts";
import { edgeExample } from "./edge_example.ts";
import type { ExperimentResult } from "./experiment.ts";
import { pairedDifference } from "./paired_difference.ts";
import { type Scale, SCALES } from "./scales.ts";
import { type RunRecord, RunStore } from "./store.ts";
import { concludeTable1a, gainText } from "./table_1a_conclusion.ts";
import { PAPER_TABLE_1A } from "./table_1a_paper.ts";

const METRICS = [
  ["ap", "AP"],
  ["ap50", "AP50"],
  ["ap75", "AP75"],
  ["apSmall", "APS"],
  ["apMedium", "APM"],
  ["apLarge", "APL"],
] as const;

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
          const paper = PAPER_TABLE_1A.get(this.temperatures[index]);
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
          ? ", with the 95 % confidence interval of the mean (Student's t), " +
            "for each row by itself and for this one teacher."
          : "; one seed cannot say how far chance carries them."),
        "Time is a run's training and evaluation. The first student that asks " +
        "the teacher about an image waits for its answer, which is kept for " +
        "the others.",
        ...waitNote([teacher, ...rows.flatMap(({ runs }) => runs)]),
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
      paper: [...PAPER_TABLE_1A].map(([temperature, [ap]]) => ({
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
        { name: "teacher", ...pupil.teacher as TeacherRun },
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
    const gains = this.result.rows.slice(1).map(({ runs }, index) => ({
      label: `τ = ${this.temperatures[index + 1]}`,
      ...this.#gain(runs, "ap"),
    }));
    return concludeTable1a(gains, {
      seeds: this.#seedCount(),
      scale: this.scale,
    });
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

/** How long the steps waited for images, where it is known. */
function waitNote(runs: readonly RunRecord[]): string[] {
  const shares = runs.flatMap(({ waitShare }) => waitShare ?? []);
  if (shares.length === 0) return [];
  const percent = (share: number) => (100 * share).toFixed(1);
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(percent);
  const range = least === most ? least : `${least} to ${most}`;
  return [`Steps waited for their images ${range} % of the training time.`];
}

const mean = (values: readonly number[]) => spread(values).mean;
