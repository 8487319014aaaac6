/**
 * `./ldlab bench`: times ldlab against PyTorch, torchvision, pycocotools and
 * tfjs-node on this machine; prints one table and leaves the numbers in a file.
 * bench/README.md says how the two sides are kept equal.
 */
import { dirname } from "node:path";
import { earlierReport } from "../bench/earlier_report.ts";
import type { FigureResult } from "../bench/figure.ts";
import { FIGURES } from "../bench/figures.ts";
import { installPeers } from "../bench/install_peers.ts";
import { describeCommit, describeMachine } from "../bench/machine.ts";
import { measureFigure } from "../bench/measure_figure.ts";
import { measureRow } from "../bench/measure_row.ts";
import {
  figuresTable,
  type Report,
  rowsTable,
  verdict,
} from "../bench/report.ts";
import type { RowResult } from "../bench/row.ts";
import { GPU_ROWS, ROWS } from "../bench/rows.ts";
import { openEngine } from "../lib/engine/mod.ts";
import { tableToText } from "../lib/report/mod.ts";
import { writeFileAtomically } from "../lib/train/mod.ts";
import type { Arguments, Command } from "./command.ts";
import { runCommand } from "./run_command.ts";
import { UsageError } from "./usage_error.ts";

const WARM_UP = 2;

const BENCH = {
  name: "./ldlab bench",
  about: "Times ldlab against its peers on this machine.",
  flags: {
    only: {
      kind: "text",
      value: "A,B",
      about: "these rows and figures; all rows and no figures unless given",
    },
    figures: {
      kind: "switch",
      about: "the figures too, which take minutes each",
    },
    resume: {
      kind: "switch",
      about:
        "goes on where a run of the same day, commit and machine was cut off",
    },
    pairs: {
      kind: "number",
      whole: true,
      least: 5,
      default: 5,
      about: "pairs of runs a row",
    },
    device: {
      kind: "choice",
      choices: ["cpu", "gpu"],
      default: "cpu",
      about:
        "the processor, or the first NVIDIA card, which has rows of its own",
    },
    out: {
      kind: "text",
      value: "FILE",
      about:
        "where the numbers go; bench/results/DEVICE/DATE-COMMIT.json unless " +
        "this or --only is given",
    },
  },
  notes: `Rows: ${ROWS.map(({ id }) => id).join(", ")}\n` +
    `Rows on a card: ${GPU_ROWS.map(({ id }) => id).join(", ")}\n` +
    `Figures: ${FIGURES.map(({ id }) => id).join(", ")}`,
} as const satisfies Command;

/**
 * @returns The exit status: 1 where a row or figure is broken, or rows were asked
 * for and none could be measured.
 */
async function bench(
  { figures, pairs, out, device, resume, ...options }: Arguments<typeof BENCH>,
): Promise<number> {
  const only = options.only?.split(",") ?? null;
  const onCard = device === "gpu";
  const lines = onCard ? GPU_ROWS : ROWS;
  const known = [...lines, ...FIGURES].map(({ id }) => id);
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`There is no row or figure '${unknown}'`);
  }
  if (resume && only && out === null) {
    throw new UsageError("Cannot go on without a file: --out FILE is missing");
  }
  const say = (message: string) => console.error(`bench: ${message}`);
  // Also for the processes that rows and figures start.
  Deno.env.set("LDLAB_DEVICE", onCard ? "gpu:0" : "cpu");
  // Before gigabytes of peers: there may be no card.
  const engine = await openEngine({ optimize: true });
  try {
    await installPeers(say, device);
  } catch (error) {
    const { message } = error as Error;
    say(`${message}. Without the peers, their rows are not measured`);
  }
  const rows: RowResult[] = [];
  const measured: FigureResult[] = [];
  const commit = await describeCommit();
  const machine = await describeMachine(engine);
  const report: Report = { machine, commit, rows, figures: measured };
  const day = new Date().toISOString().slice(0, 10);
  const file = out ??
    (only ? null : `bench/results/${device}/${day}-${commit}.json`);
  const earlier = resume && file !== null
    ? await earlierReport(file, { commit, machine })
    : { rows: [], figures: [] };
  const save = async () => {
    if (file === null) return;
    const all: Report = {
      ...report,
      rows: withEarlier(rows, earlier.rows),
      figures: withEarlier(measured, earlier.figures),
    };
    await Deno.mkdir(dirname(file), { recursive: true });
    const text = JSON.stringify(all, null, 2) + "\n";
    await writeFileAtomically(file, [new TextEncoder().encode(text)]);
  };
  let broken = 0;
  for (const row of lines) {
    if (only && !only.includes(row.id)) continue;
    const known = earlier.rows.find(({ id }) => id === row.id);
    if (known !== undefined) {
      say(`${row.id}: measured before`);
      rows.push(known);
      continue;
    }
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
    const known = earlier.figures.find(({ id }) => id === figure.id);
    if (known !== undefined) {
      say(`${figure.id}: measured before`);
      measured.push(known);
      continue;
    }
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
  const isEmpty = rows.length > 0 && rows.every(({ ratio }) => ratio === null);
  return broken > 0 || isEmpty ? 1 : 0;
}

/** With what was measured before, also where its turn does not come. */
function withEarlier<Result extends { readonly id: string }>(
  results: readonly Result[],
  earlier: readonly Result[],
): Result[] {
  const known = new Set(results.map(({ id }) => id));
  return [...results, ...earlier.filter(({ id }) => !known.has(id))];
}

Deno.exit(await runCommand(BENCH, Deno.args, bench));
