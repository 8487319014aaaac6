/**
 * `./ldlab bench`: times ldlab against PyTorch, torchvision, pycocotools and
 * tfjs-node on this machine; prints one table and leaves the numbers in a file.
 * README.md in this folder says how the two sides are kept equal.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { tableToText } from "../lib/report/mod.ts";
import type { FigureResult } from "./figure.ts";
import { FIGURES } from "./figures.ts";
import { installPeers } from "./install_peers.ts";
import { describeCommit, describeMachine } from "./machine.ts";
import { measureFigure } from "./measure_figure.ts";
import { measureRow } from "./measure_row.ts";
import { figuresTable, type Report, rowsTable, verdict } from "./report.ts";
import type { RowResult } from "./row.ts";
import { ROWS } from "./rows.ts";

const WARM_UP = 2;

const USAGE = `Usage: ./ldlab bench [options]

  --only A,B     these rows and figures (default: all rows, no figures)
  --figures      the figures too, which take minutes each
  --pairs N      pairs of runs a row, at least 5 (default 5)
  --device cpu   the device; only cpu so far
  --out FILE     where the numbers go (default, unless --only is given:
                 bench/results/cpu/DATE-COMMIT.json)

Rows: ${ROWS.map(({ id }) => id).join(", ")}
Figures: ${FIGURES.map(({ id }) => id).join(", ")}`;

/** What was typed is wrong. */
class UsageError extends Error {}

interface Options {
  readonly only: readonly string[] | null;
  readonly figures: boolean;
  readonly pairs: number;
  readonly out: string | null;
}

function readOptions(args: string[]): Options | null {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: "string" },
        figures: { type: "boolean", default: false },
        pairs: { type: "string", default: "5" },
        device: { type: "string", default: "cpu" },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return null;
  const { figures, out = null } = values;
  const only = values.only?.split(",") ?? null;
  const known = [...ROWS, ...FIGURES].map(({ id }) => id);
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`there is no row or figure '${unknown}'`);
  }
  if (values.device !== "cpu") {
    throw new UsageError(
      `device must be cpu: current value is '${values.device}'`,
    );
  }
  const pairs = Number(values.pairs);
  if (!(Number.isInteger(pairs) && pairs >= 5)) {
    throw new UsageError(
      `pairs must be a whole number of at least 5: current value is '${values.pairs}'`,
    );
  }
  return { only, figures, pairs, out };
}

async function bench({ only, figures, pairs, out }: Options): Promise<boolean> {
  const say = (message: string) => console.error(`bench: ${message}`);
  try {
    await installPeers(say);
  } catch (error) {
    const { message } = error as Error;
    say(`${message}. Without the peers, their rows are not measured`);
  }
  const rows: RowResult[] = [];
  const measured: FigureResult[] = [];
  const commit = await describeCommit();
  const machine = await describeMachine();
  const report: Report = { machine, commit, rows, figures: measured };
  const day = new Date().toISOString().slice(0, 10);
  const file = out ?? (only ? null : `bench/results/cpu/${day}-${commit}.json`);
  const save = async () => {
    if (file === null) return;
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, JSON.stringify(report, null, 2) + "\n");
  };
  let broken = 0;
  for (const row of ROWS) {
    if (only && !only.includes(row.id)) continue;
    const { result, failed } = await measureRow(row, {
      pairs,
      warmUp: WARM_UP,
    });
    if (failed) broken++;
    rows.push(result);
    const { ratio, limit, note } = result;
    say(
      `${row.id}: ${
        ratio === null ? note : `${ratio.toFixed(2)}, ${verdict(ratio, limit)}`
      }`,
    );
    await save();
  }
  for (const figure of FIGURES) {
    if (only ? !only.includes(figure.id) : !figures) continue;
    const { result, failed } = await measureFigure(figure);
    if (failed) broken++;
    measured.push(result);
    const { value, unit, note } = result;
    say(
      `${figure.id}: ${value === null ? note : `${value.toFixed(2)} ${unit}`}`,
    );
    await save();
  }
  if (rows.length > 0) console.log(`\n${tableToText(rowsTable(report))}`);
  if (measured.length > 0) {
    console.log(`\n${tableToText(figuresTable(report))}`);
  }
  if (file !== null) console.log(`\nWritten to ${file}`);
  return broken === 0;
}

try {
  const options = readOptions(Deno.args);
  if (options === null) console.log(USAGE);
  else Deno.exit(await bench(options) ? 0 : 1);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${USAGE}\n\nCannot run the benchmark: ${error.message}`);
  Deno.exit(2);
}
