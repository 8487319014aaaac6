/**
 * Table 1a: how much the temperature τ of localization distillation matters.
 * Rows are the student without LD, and with LD on the main region (the preset
 * `ld2021`) at each τ.
 *
 * smoke: 6 runs of seconds. small: the teacher, 3 minutes, and 6 students of
 * half a minute a seed, on 2 cores: 12 minutes with 3 seeds. paper: 6 runs of
 * COCO, 12 epochs. `./ldlab table 1a`, or `./ldlab demo --sweep`.
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import { apOverTemperature, edgeDistributions } from "../../lib/report/mod.ts";
import type { TeacherRun } from "../config.ts";
import { edgeExample } from "../edge_example.ts";
import { onePair } from "./one_pair.ts";
import { requireValues } from "./require_values.ts";
import { concludeTable1a } from "./table_1a_conclusion.ts";
import {
  type DrawFigure,
  SIX_METRICS,
  type TableExperiment,
  type TableRow,
} from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";

/** As published, by τ. */
const PAPER: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [40.3, 58.2, 43.4, 22.4, 44.0, 52.4]],
  [5, [40.9, 58.2, 44.3, 23.2, 45.0, 53.2]],
  [10, [41.1, 58.7, 44.9, 23.8, 44.9, 53.6]],
  [15, [40.7, 58.5, 44.2, 23.5, 44.3, 53.3]],
  [20, [40.5, 58.3, 43.7, 23.8, 44.1, 53.5]],
]);

/** The student without LD, as all tables of the pair R101, R50 have it. */
export const BASELINE: TableRow = {
  id: "baseline",
  label: "without LD",
  change: {},
  paper: [40.1, 58.2, 43.1, 23.3, 44.4, 52.5],
};

/** What the numbers of the paper's ablations are. */
export const ABLATION = "COCO val2017, teacher R101, student R50, one run each";

const temperatureOf = ({ change }: TableRow): number | null => {
  const { ld } = change.terms ?? {};
  return ld?.loss === "ld" ? ld.temperature! : null;
};

const labelOf = (temperature: number | null) => `τ = ${temperature}`;

/**
 * Table 1a, with temperatures of one's own where they are given.
 *
 * @param options.temperatures Each τ above 0; the paper's unless given.
 * @throws {RangeError} If they are not above 0, or not different, or none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { table1a } from "./table_1a.ts";
 * import { planTable } from "./plan_table.ts";
 * const { plan } = planTable(table1a({ temperatures: [3] }), {});
 * assert.deepEqual(plan.rows.map(({ id }) => id), ["baseline", "tau_3"]);
 * ```
 */
export function table1a(
  { temperatures = [...PAPER.keys()] }: {
    readonly temperatures?: readonly number[];
  } = {},
): TableExperiment {
  requireValues(temperatures, {
    task: "run Table 1a",
    name: "temperatures",
    isFit: (value) => value > 0 && value < Infinity,
    interval: "above 0",
  });
  return {
    id: "1a",
    title: "Table 1a: the temperature of localization distillation",
    question: "Does the temperature τ matter?",
    found: "LD helps at every τ, most at τ = 10, which the paper then uses.",
    metrics: SIX_METRICS,
    paper: ABLATION,
    gainOver: "no LD",
    at: onePair([
      BASELINE,
      ...temperatures.map((temperature): TableRow => ({
        id: `tau_${temperature}`,
        label: `LD, ${labelOf(temperature)}`,
        change: { terms: { ld: { ...PRESETS.ld2021.terms.ld, temperature } } },
        paper: PAPER.get(temperature),
      })),
    ]),
    conclude: (outcome) => {
      const [, ...rows] = outcome.rows;
      if (rows.length === 0) return "There is no row with LD to conclude from.";
      const gains = rows.map(({ id, label }) => ({
        label: label.replace("LD, ", ""),
        ...outcome.gain(id, BASELINE.id, "ap"),
      })).filter(({ mean }) => !Number.isNaN(mean)); // of those that diverged
      if (gains.length === 0) return "No row with LD has a result.";
      return concludeTable1a(gains, outcome);
    },
    figures: drawings,
  };
}

/** Table 1a as published. */
export const TABLE_1A: TableExperiment = table1a();

/** What can be drawn: a baseline is needed, and a row to stand beside it. */
function drawings(table: TableResult): Readonly<Record<string, DrawFigure>> {
  const { rows, setting } = table.finished();
  const temperatures = rows.map(temperatureOf);
  if (temperatures[0] !== null || temperatures.length < 2) return {};
  return {
    ap_over_temperature: (table) => drawTemperatures(table.finished()),
    // Of a teacher that is a run: its distributions are looked up there.
    ...("config" in setting.teacher && {
      edge_distributions: (table, store) => drawEdges(table.finished(), store),
    }),
  };
}

/** AP over τ with the spread over seeds, beside the paper's curve. */
function drawTemperatures({ rows, result, setting }: TableResult) {
  return apOverTemperature({
    rows: rows.map((row, index) => ({
      temperature: temperatureOf(row),
      ap: result.rows[index].runs
        .map(({ metrics }) => 100 * metrics!.ap),
    })),
    paper: [
      { temperature: null, ap: [BASELINE.paper![0]!] },
      ...[...PAPER].map(([temperature, [ap]]) => ({ temperature, ap: [ap] })),
    ],
    here: setting.tested,
    there: "COCO val2017",
  });
}

/** Softened edge distributions of one box of a test image. */
async function drawEdges(
  { rows, result }: TableResult,
  store: Parameters<typeof edgeExample>[1],
) {
  // The row that is shown with the baseline: the paper's τ if it was run.
  const paper = rows.findIndex((row) => temperatureOf(row) === 10);
  const at = paper > 0 ? paper : 1;
  const { config: pupil } = result.rows[at];
  const example = await edgeExample([
    { name: "teacher", ...pupil.teacher as TeacherRun },
    { name: "student without LD", config: result.rows[0].config, seed: 0 },
    { name: `student with ${rows[at].label}`, config: pupil, seed: 0 },
  ], store);
  return edgeDistributions(example);
}
