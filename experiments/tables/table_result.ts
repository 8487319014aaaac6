import {
  type Figure,
  gainText,
  makeTable,
  spread,
  type Table,
} from "../../lib/report/mod.ts";
import type { ExperimentResult } from "../experiment.ts";
import { pairedDifference } from "../paired_difference.ts";
import { divergenceText } from "../run_record.ts";
import { type RunRecord, RunStore } from "../store.ts";
import { overOf } from "./chosen_rows.ts";
import { sharedFigures } from "./shared_figures.ts";
import type { Gain, Outcome } from "./outcome.ts";
import type {
  DrawFigure,
  TableExperiment,
  TableMetric,
  TablePlan,
} from "./table_experiment.ts";
import type { TableSetting } from "./table_setting.ts";

/** More classes than that make no readable table. */
const MOST_CLASSES = 20;

/** What a table's runs gave: tables, figures and a conclusion. */
export class TableResult implements Outcome {
  readonly experiment: TableExperiment;
  readonly setting: TableSetting;
  readonly plan: TablePlan;
  readonly result: ExperimentResult;
  /** What the user should know, for example which boxes were skipped. */
  readonly notices: readonly string[];
  readonly #folder: string;

  constructor({ experiment, setting, plan, result, notices, folder }: {
    experiment: TableExperiment;
    setting: TableSetting;
    plan: TablePlan;
    /** Its rows are the plan's. */
    result: ExperimentResult;
    notices: readonly string[];
    /** Where the runs are stored. */
    folder: string;
  }) {
    this.experiment = experiment;
    this.setting = setting;
    this.plan = plan;
    this.result = result;
    this.notices = notices;
    this.#folder = folder;
  }

  get scale(): TableSetting["scale"] {
    return this.setting.scale;
  }

  get seeds(): number {
    return this.result.rows[0].runs.length;
  }

  get rows(): TablePlan["rows"] {
    return this.plan.rows;
  }

  /** The metrics of each row, mean ± deviation over seeds, beside the paper's. */
  table(): Table {
    const { title, metrics, paper, notes = [] } = this.experiment;
    const here = metrics.map(({ heading }) =>
      ({ heading, kind: "number", group: "here" }) as const
    );
    const published = this.rows.some((row) => row.paper);
    const there = published
      ? here.map((column) => ({ ...column, group: "paper" }))
      : [];
    const { description = this.setting.description } = this.plan;
    return makeTable({
      title,
      columns: [{ heading: "", kind: "text" }, ...here, ...there],
      rows: [
        ...this.result.teachers.map(({ label, run }) => [
          label,
          ...metrics.map((metric) => valueOf([run], metric)),
          ...there.map(() => null),
        ]),
        ...this.rows.map(({ label, paper }, index) => [
          label,
          ...metrics.map((metric) =>
            valueOf(this.result.rows[index].runs, metric)
          ),
          ...there.map((_, metric) => paper?.[metric] ?? null),
        ]),
      ],
      notes: [
        `Here: ${description}; test split; ${this.#seedsText()}.` +
        (published ? ` Paper: ${paper}.` : ""),
        ...notes,
        ...divergences(this.result),
      ],
    });
  }

  /** AP of each class, the paired gains with their intervals, and the time. */
  details(): Table {
    const { teachers, rows } = this.result;
    // Of a run that diverged there are none.
    const { metrics } = rows.flatMap(({ runs }) => runs)
      .find(({ metrics }) => metrics !== null) ?? {};
    const found = Object.keys(metrics ?? {})
      .filter((name) => name.startsWith("ap "));
    const classes = found.length > MOST_CLASSES ? [] : found;
    const gains = [["ap", "ΔAP"], ["ap75", "ΔAP75"]] as const;
    const { gainOver } = this.experiment;
    return makeTable({
      title: "Classes, gains and time",
      columns: [
        { heading: "", kind: "text" },
        ...classes.map((name) =>
          ({ heading: name.slice(3), kind: "number", group: "AP" }) as const
        ),
        ...gains.map(([, heading]) =>
          ({ heading, kind: "text", group: `gain over ${gainOver}` }) as const
        ),
        { heading: "time", kind: "duration" },
      ],
      rows: [
        ...teachers.map(({ label, run }) => [
          label,
          ...classes.map((name) => valueOf([run], { name })),
          null,
          null,
          run.seconds,
        ]),
        ...rows.map(({ runs }, index) => {
          const row = this.rows[index];
          const over = overOf(row, this.rows);
          return [
            row.label,
            ...classes.map((name) => valueOf(runs, { name })),
            ...gains.map(([metric]) =>
              over === null ? null : gainText(this.gain(row.id, over, metric))
            ),
            spread(runs.map(({ seconds }) => seconds)).mean,
          ];
        }),
      ],
      notes: [
        "Gains are paired by seed" +
        (this.seeds > 1
          ? ", with the 95 % confidence interval of the mean (Student's t), " +
            "for each row by itself and for this one teacher."
          : "; one seed cannot say how far chance carries them."),
        "Time is a run's training and evaluation. The first student that asks " +
        "the teacher about an image waits for its answer, which is kept for " +
        "the others.",
        ...waitNote([
          ...teachers.map(({ run }) => run),
          ...rows.flatMap(({ runs }) => runs),
        ]),
      ],
    });
  }

  /** The table, the details, and what else the experiment has. */
  tables(): readonly Table[] {
    const further = this.experiment.further?.(this) ?? [];
    return [this.table(), this.details(), ...further];
  }

  gain(of: string, over: string, metric: string): Gain {
    const { factor = 100 } =
      this.experiment.metrics.find(({ name }) => name === metric) ?? {};
    const [changed, baseline] = [of, over].map((id) =>
      this.result.rows[this.#at(id)].runs
        .map(({ metrics }) => factor * (metrics?.[metric] ?? NaN))
    );
    return [...changed, ...baseline].some(Number.isNaN)
      ? { mean: NaN, halfWidth: null }
      : pairedDifference(changed, baseline);
  }

  paperGain(of: string, over: string, metric: string): number | null {
    const column = this.experiment.metrics
      .findIndex(({ name }) => name === metric);
    const [a, b] = [of, over].map((id) =>
      this.rows[this.#at(id)].paper?.[column] ?? null
    );
    return a === null || b === null ? null : a - b;
  }

  /** Names of its figures: the experiment's own, then what tables have in common. */
  get figureNames(): readonly string[] {
    return Object.keys(this.#figures);
  }

  /**
   * One of its figures.
   *
   * @throws {RangeError} If there is no figure of that name.
   */
  async figure(name: string): Promise<Figure> {
    if (!Object.hasOwn(this.#figures, name)) {
      throw new RangeError(
        `Cannot draw '${name}': there must be such a figure: there are ` +
          (this.figureNames.join(", ") || "none"),
      );
    }
    const store = new RunStore(this.#folder);
    try {
      return await this.#figures[name](this, store);
    } finally {
      store.close();
    }
  }

  /**
   * The same with those rows only that have all of their results, for figures of
   * single rows; what gains are over may be among the others.
   */
  finished(): TableResult {
    const at = [...this.rows.keys()].filter((row) =>
      this.result.rows[row].runs.every(({ status }) => status === "finished")
    );
    return new TableResult({
      experiment: this.experiment,
      setting: this.setting,
      plan: { ...this.plan, rows: at.map((row) => this.rows[row]) },
      result: {
        ...this.result,
        rows: at.map((row) => this.result.rows[row]),
      },
      notices: this.notices,
      folder: this.#folder,
    });
  }

  /** What the runs say about the paper's conclusion, in Markdown. */
  conclusion(): string {
    return this.experiment.conclude(this);
  }

  get #figures(): Readonly<Record<string, DrawFigure>> {
    return {
      ...this.experiment.figures?.(this),
      ...sharedFigures(this),
    };
  }

  #at(id: string): number {
    return this.rows.findIndex((row) => row.id === id);
  }

  #seedsText(): string {
    return this.seeds === 1 ? "seed 0" : `seeds 0 to ${this.seeds - 1}`;
  }
}

/** A metric over seeds; `null` where some seed has none. */
function valueOf(
  runs: readonly RunRecord[],
  { name, factor = 100 }: Pick<TableMetric, "name" | "factor">,
) {
  const values = runs.map(({ metrics }) => metrics?.[name]);
  if (values.some((value) => value === undefined)) return null;
  return spread(values.map((value) => factor * value!));
}

/** Which runs have no result, and why. */
function divergences({ teachers, rows }: ExperimentResult): string[] {
  return [
    ...teachers.map(({ run }) => run),
    ...rows.flatMap(({ runs }) => runs),
  ]
    .filter(({ status }) => status === "diverged")
    .map((run) => `No result: ${divergenceText(run)}.`);
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
