import { waitForLock } from "../experiments/run_lock.ts";
import {
  provenanceOf,
  provenanceText,
} from "../experiments/tables/provenance.ts";
import { runsJson } from "../experiments/tables/runs_json.ts";
import type { TableResult } from "../experiments/tables/table_result.ts";
import {
  type Figure,
  type JournalColumns,
  journalSize,
  openExporter,
  tableToCsv,
  tableToLatex,
  tableToMarkdown,
} from "../lib/report/mod.ts";
import { closeLocked, writeFileAtomically } from "../lib/train/mod.ts";

/**
 * Writes what a table's runs gave, and prints the files' names: the tables as
 * Markdown, LaTeX and CSV, the conclusion, the runs as JSON with where they come
 * from, and the figures as plotly JSON and, where there is a browser, as pictures.
 *
 * @param folder Where to; it is made. Who else writes there is waited for.
 * @param options.signal Stops it between two files, or as it waits.
 * @param options.journal How many columns of a journal's page the figures are
 * also drawn for, as further files; none if null.
 * @throws {Error} If a file cannot be written, as on a full disk: what was there
 * of that name stays.
 */
export async function writeResults(
  result: TableResult,
  folder: string,
  { signal, journal }: { signal: AbortSignal; journal: JournalColumns | null },
): Promise<void> {
  await orWriteError(folder, Deno.mkdir(folder, { recursive: true }));
  using _held = await holdFolder(folder, signal);
  const write = async (name: string, content: string | Uint8Array) => {
    signal.throwIfAborted();
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    const path = `${folder}/${name}`;
    await orWriteError(path, writeFileAtomically(path, [bytes]));
    console.log(`  ${name}`);
  };
  const tables = result.tables();
  const join = (texts: readonly string[]) => texts.join("\n\n") + "\n";
  const provenance = await provenanceOf(result);
  await write(
    "table.md",
    join([...tables.map(tableToMarkdown), provenanceText(provenance)]),
  );
  await write(
    "table.tex",
    `% \\usepackage{booktabs}\n${join(tables.map(tableToLatex))}`,
  );
  await write("table.csv", tableToCsv(tables[0]));
  await write("classes.csv", tableToCsv(tables[1]));
  for (const [at, table] of tables.slice(2).entries()) {
    await write(`further_${at + 1}.csv`, tableToCsv(table));
  }
  await write("conclusion.md", join([result.conclusion()]));
  await write("runs.json", runsJson(result, provenance));
  const figures: Record<string, Figure> = {};
  for (const name of result.figureNames) {
    figures[name] = await result.figure(name);
    await write(`${name}.json`, JSON.stringify(figures[name]));
  }
  if (result.figureNames.length === 0) return;
  try {
    await using exporter = await openExporter();
    for (const [name, figure] of Object.entries(figures)) {
      await write(`${name}.png`, await exporter.png(figure));
      await write(`${name}.svg`, await exporter.svg(figure));
      await write(`${name}.pdf`, await exporter.pdf(figure));
      if (journal === null) continue;
      const sized = journalSize(figure, journal);
      const png = await exporter.png(sized, { dpi: 600 });
      await write(`${name}_${journal}.png`, png);
      await write(`${name}_${journal}.svg`, await exporter.svg(sized));
      await write(`${name}_${journal}.pdf`, await exporter.pdf(sized));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WriteError) throw error;
    console.log(`  no pictures. ${(error as Error).message}`);
  }
}

/**
 * Waits until no other process writes into a folder: two sweeps of the same runs
 * end at the same moment, as one waits for the other's last.
 */
async function holdFolder(
  folder: string,
  signal: AbortSignal,
): Promise<Disposable> {
  const handle = await Deno.open(folder);
  // Some file systems have no locks; most have one sweep at a time.
  await waitForLock(handle, { signal }).catch(() => {});
  return { [Symbol.dispose]: () => closeLocked(handle) };
}

/** A file could not be written, which is no matter of the figure in it. */
class WriteError extends Error {}

async function orWriteError(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new WriteError(
      `Cannot write ${path}: ${
        (error as Error).message
      }. The runs are stored: ` +
        "once it can be written, the same command writes it at once",
      { cause: error },
    );
  }
}
