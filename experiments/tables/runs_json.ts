import type { RunRecord } from "../store.ts";
import type { Provenance } from "./provenance.ts";
import type { TableResult } from "./table_result.ts";

/** Digits that are kept of what was measured. */
const DIGITS = 6;

/**
 * A table's runs as JSON, a run a line: what was measured at the end and on the
 * way (`evaluations`), the mean of each loss term by epoch (`epochs`), the time,
 * and where it was run. A row's config is there once, with all that is not as it
 * goes without saying.
 *
 * @param result What the runs gave.
 * @param provenance Of the result; stands first.
 * @returns JSON; what was measured has 6 digits.
 */
export function runsJson(
  { result, rows }: TableResult,
  provenance: Provenance,
): string {
  const row = (
    head: Readonly<Record<string, unknown>>,
    runs: readonly RunRecord[],
  ) =>
    [
      "  {",
      ...Object.entries({ ...head, config: runs[0].config })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `   ${line(name)}: ${line(value)},`),
      `   "runs": [`,
      runs.map((run) => `    ${line(rounded(run))}`).join(",\n"),
      "   ]",
      "  }",
    ].join("\n");
  const list = (name: string, texts: readonly string[]) =>
    texts.length === 0
      ? ` ${line(name)}: []`
      : ` ${line(name)}: [\n${texts.join(",\n")}\n ]`;
  return [
    "{",
    ` "provenance": ${
      JSON.stringify(provenance, null, 1).replaceAll("\n", "\n ")
    },`,
    list(
      "teachers",
      result.teachers.map(({ label, run }) => row({ label }, [run])),
    ) + ",",
    list(
      "rows",
      rows.map(({ id, label, measuring, paper }, at) =>
        row({ id, label, measuring, paper }, result.rows[at].runs)
      ),
    ),
    "}\n",
  ].join("\n");
}

const line = (value: unknown) => JSON.stringify(value);

/** A run without its config, which is its row's. */
function rounded({ config: _config, ...run }: RunRecord): unknown {
  const { metrics, epochs, evaluations, seconds, waitShare } = run;
  return {
    ...run,
    seconds: round(seconds),
    waitShare: waitShare === null ? null : round(waitShare),
    metrics: metrics && roundAll(metrics),
    epochs: epochs.map((terms) => terms && roundAll(terms)),
    evaluations: evaluations.map(({ epoch, metrics }) => ({
      epoch,
      metrics: roundAll(metrics),
    })),
  };
}

const round = (value: number) => Number(value.toPrecision(DIGITS));

function roundAll(
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, round(value)]),
  );
}
