import { apOverEpochs, type Figure, gains } from "../../lib/report/mod.ts";
import type { RunRecord } from "../run_record.ts";
import { overOf } from "./chosen_rows.ts";
import type { DrawFigure } from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";

/**
 * The figures that tables have in common, by name: `gains`, what each row gained
 * beside the paper's gain, and `ap_over_epochs`, how the runs got there.
 *
 * The paper's Figures 4 and 5 have neither: they measure distances, of runs that
 * are other tables'. Where runs are measured once more, in another way or by
 * another protocol, what was measured on their way does not belong to the rows.
 */
export function sharedFigures(
  { rows }: Pick<TableResult, "rows">,
): Readonly<Record<string, DrawFigure>> {
  const distances = rows.some(({ measuring }) => measuring?.errorsTo);
  const gained = rows.some((row) => overOf(row, rows) !== null);
  const measuredAgain = rows.some(({ measuring }) => measuring);
  return {
    ...(gained && !distances && { gains: drawGains }),
    ...(!measuredAgain && { ap_over_epochs: drawEpochs }),
  };
}

/** Paired gains in each metric that some row has. */
function drawGains(table: TableResult): Figure {
  const { rows, result, setting, experiment } = table;
  const runsOf = (id: string) =>
    result.rows[rows.findIndex((row) => row.id === id)].runs;
  const pairs = rows.flatMap((row) => {
    const over = overOf(row, rows);
    return over === null ? [] : [{ row, over }];
  });
  const known = experiment.metrics.filter(({ name }) =>
    result.rows.some(({ runs }) =>
      runs.some(({ metrics }) => metrics?.[name] !== undefined)
    )
  );
  // Of runs that all diverged there is none.
  const metrics = known.length > 0 ? known : experiment.metrics.slice(0, 1);
  return gains(
    pairs.map(({ row, over }) => ({
      name: row.label + otherOver(over, pairs, rows),
      gains: metrics.map(({ name, factor = 100 }) => ({
        ...table.gain(row.id, over, name),
        seeds: runsOf(row.id).flatMap(({ metrics }, seed) => {
          const changed = metrics?.[name];
          const baseline = runsOf(over)[seed].metrics?.[name];
          return changed === undefined || baseline === undefined
            ? []
            : [factor * (changed - baseline)];
        }),
        paper: table.paperGain(row.id, over, name),
      })),
    })),
    {
      metrics: metrics.map(({ heading }) => heading),
      over: experiment.gainOver,
      tested: setting.tested,
    },
  );
}

/** Says what a row's gain is over, where that of most others is another. */
function otherOver(
  over: string,
  pairs: readonly { readonly over: string }[],
  rows: TableResult["rows"],
): string {
  const count = (id: string) => pairs.filter(({ over }) => over === id).length;
  const usual = pairs.find(({ over }) => 2 * count(over) > pairs.length)?.over;
  return usual === undefined || usual === over
    ? ""
    : ` (over ${rows.find(({ id }) => id === over)!.label})`;
}

/** AP of the rows on their way. */
function drawEpochs({ rows, result, setting }: TableResult): Figure {
  return apOverEpochs(
    rows.map((row, at) => {
      const over = overOf(row, rows);
      return {
        name: row.label,
        over: over === null ? null : rows.findIndex(({ id }) => id === over),
        seeds: result.rows[at].runs
          .filter(({ status }) => status === "finished")
          .map((run) => wayOf(run, result.rows[at].config.epochs)),
      };
    }),
    { tested: setting.tested },
  );
}

/** Where a run was measured; the end of older ones stands only in its metrics. */
function wayOf({ evaluations, metrics }: RunRecord, epochs: number) {
  const ways = evaluations.map(({ epoch, metrics: { ap } }) => ({
    epoch,
    ap: 100 * ap,
  }));
  return ways.some(({ epoch }) => epoch === epochs)
    ? ways
    : [...ways, { epoch: epochs, ap: 100 * metrics!.ap }];
}
