import type { DecodeOptions } from "../../lib/eval/mod.ts";
import type { Figure, Table } from "../../lib/report/mod.ts";
import type { RunConfig, TeacherRun } from "../config.ts";
import type { TeacherRow } from "../experiment.ts";
import type { RunStore } from "../store.ts";
import type { Outcome } from "./outcome.ts";
import type { TableResult } from "./table_result.ts";
import type { TableSetting } from "./table_setting.ts";

/** How a run's detector is measured once more, without training. */
export interface Measuring {
  /** As `RunConfig.evaluation`; the run's own unless given. */
  readonly evaluation?: "coco" | "voc07";
  /** What boxes are detections; as always unless given. */
  readonly decode?: DecodeOptions;
  /**
   * Whom to compare it with: adds the metrics of `teacherErrors` to the run's
   * own, without any of the above.
   */
  readonly errorsTo?: TeacherRun;
}

/** One row of a table: what differs from its baseline. */
export interface TableRow {
  /** What `--rows` takes. */
  readonly id: string;
  readonly label: string;
  /** The baseline's row changes nothing. */
  readonly change: Partial<RunConfig>;
  /**
   * Id of the row that its gain is over, or null for none; the first row unless
   * given.
   */
  readonly over?: string | null;
  /** How the run is measured, where not as it says itself. */
  readonly measuring?: Measuring;
  /** As published, in percent, by the table's metrics; null where it is not. */
  readonly paper?: readonly (number | null)[];
}

/** What is run of a table at a setting. */
export interface TablePlan {
  /** Those that are shown; rows may learn from others. */
  readonly teachers: readonly TeacherRow[];
  readonly baseline: RunConfig;
  readonly rows: readonly TableRow[];
  /** What it is run on, where not as the setting says. */
  readonly description?: string;
}

/** A column of a table: a metric of runs. */
export interface TableMetric {
  /** As records of runs have it: `ap75`. */
  readonly name: string;
  readonly heading: string;
  /** What records are multiplied by; 100 unless given, for percent. */
  readonly factor?: number;
}

/** COCO's six, as most tables have them. */
export const SIX_METRICS: readonly TableMetric[] = [
  { name: "ap", heading: "AP" },
  { name: "ap50", heading: "AP50" },
  { name: "ap75", heading: "AP75" },
  { name: "apSmall", heading: "APS" },
  { name: "apMedium", heading: "APM" },
  { name: "apLarge", heading: "APL" },
];

/** A table or a figure of the paper, as data. */
export interface TableExperiment {
  /** What `./ldlab table` takes: `1a`. */
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** What the paper found, in a sentence or two. */
  readonly found: string;
  readonly metrics: readonly TableMetric[];
  /** What the paper's numbers were measured on. */
  readonly paper: string;
  /** What the gains are over, as `no LD`. */
  readonly gainOver: string;
  /** Further sentences under the table. */
  readonly notes?: readonly string[];
  /** Its rows at a setting. */
  at(setting: TableSetting): TablePlan;
  /** Whether the paper's conclusion holds here, in Markdown. */
  conclude(outcome: Outcome): string;
  /** Tables of its own, beside those that all have. */
  further?(result: TableResult): readonly Table[];
  /** Its figures by name: those that can be drawn of these runs. */
  figures?(result: TableResult): Readonly<Record<string, DrawFigure>>;
}

/** Draws a figure of a table's runs. */
export type DrawFigure = (
  result: TableResult,
  store: RunStore,
) => Figure | Promise<Figure>;
