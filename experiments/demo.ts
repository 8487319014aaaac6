/**
 * `./ldlab demo`: localization distillation on real images in minutes. Trains a
 * teacher, a student and the student with LD, prints the table, and leaves
 * tables, figures and the executed notebook under `results/`.
 */
import { parseArgs } from "node:util";
import { openEngine } from "../lib/engine/mod.ts";
import {
  browserRemedy,
  findBrowser,
  formatDuration,
  openExporter,
  openProgress,
  show,
  stopSignal,
  tableToCsv,
  tableToLatex,
  tableToMarkdown,
} from "../lib/report/mod.ts";
import { executeNotebook } from "./execute_notebook.ts";
import { projectFolder, resultsFolder } from "./project.ts";
import { SCALES } from "./scales.ts";
import { table1a, type Table1aResult } from "./table_1a.ts";

const USAGE = `Usage: ./ldlab demo [options]

  --scale small|smoke   small: real images, about 8 minutes on 2 cores (default)
                        smoke: synthetic scenes, under a minute
  --seeds N             run each student N times (default 1)
  --sweep               all temperatures of Table 1a, in place of τ = 10

Finished runs are kept: Ctrl-C stops, the same command goes on.`;

interface Options {
  readonly scale: string;
  readonly seeds: number;
  readonly temperatures: readonly number[];
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      scale: { type: "string", default: "small" },
      seeds: { type: "string", default: "1" },
      sweep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  if (!(values.scale in SCALES)) {
    throw new RangeError(
      `--scale must be ${Object.keys(SCALES).join(" or ")}: current value is ` +
        `'${values.scale}'`,
    );
  }
  const seeds = Number(values.seeds);
  if (!(Number.isInteger(seeds) && seeds > 0)) {
    throw new RangeError(
      `--seeds must be a whole number above 0: current value is '${values.seeds}'`,
    );
  }
  const temperatures = values.sweep ? [1, 5, 10, 15, 20] : [10];
  return { scale: values.scale, seeds, temperatures };
}

async function demo(options: Options): Promise<void> {
  const from = performance.now();
  const engine = await openEngine();
  console.log(`Engine: ${engine.reason}`);
  console.log(
    `Scale ${options.scale}: ${SCALES[options.scale as "small"].description}`,
  );
  const progress = openProgress();
  let result: Table1aResult;
  try {
    result = await table1a.run({ ...options, progress, signal: stopSignal() });
  } finally {
    await progress.close();
  }
  for (const notice of result.notices) console.log(notice);
  console.log();
  await show(result.table());
  await show(result.details());
  console.log(result.conclusion());
  const folder = `${resultsFolder}/table_1a/${options.scale}`;
  console.log("\nLeft under results/:");
  for (const path of await writeResults(result, options, folder)) {
    console.log(`  ${path.slice(resultsFolder.length + 1)}`);
  }
  const seconds = (performance.now() - from) / 1000;
  console.log(`Done in ${formatDuration(seconds)}.`);
}

/** Writes tables, figures and the notebook; returns their paths. */
async function writeResults(
  result: Table1aResult,
  options: Options,
  folder: string,
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    written.push(path);
  };
  const tables = [result.table(), result.details()];
  const join = (texts: string[]) => texts.join("\n\n") + "\n";
  await write("table.md", join(tables.map(tableToMarkdown)));
  await write("table.tex", join(tables.map(tableToLatex)));
  await write("table.csv", tableToCsv(tables[0]));
  await write("classes.csv", tableToCsv(tables[1]));
  await write("runs.json", JSON.stringify(result.result, null, 1));
  const figures = {
    ap_over_temperature: result.figure(),
    edge_distributions: await result.edgeDistributions(),
  };
  for (const [name, figure] of Object.entries(figures)) {
    await write(`${name}.json`, JSON.stringify(figure));
  }
  if (findBrowser() === null) {
    console.log(
      `No browser was found, so there are no pictures: ${browserRemedy}`,
    );
  } else {
    await using exporter = await openExporter();
    for (const [name, figure] of Object.entries(figures)) {
      await write(`${name}.png`, await exporter.png(figure));
      await write(`${name}.svg`, await exporter.svg(figure));
      await write(`${name}.pdf`, await exporter.pdf(figure));
    }
  }
  const notebook = `${folder}/table_1a.ipynb`;
  await executeNotebook(`${projectFolder}/notebooks/table_1a.ipynb`, notebook, {
    LDLAB_SCALE: options.scale,
    LDLAB_SEEDS: `${options.seeds}`,
    LDLAB_TEMPERATURES: options.temperatures.join(","),
  });
  written.push(notebook);
  return written;
}

if (import.meta.main) {
  try {
    await demo(readOptions(Deno.args));
  } catch (error) {
    const { name, message } = error as Error;
    console.error(message);
    if (error instanceof TypeError || name === "RangeError") {
      console.error(`\n${USAGE}`);
    }
    Deno.exit(name === "AbortError" ? 130 : 1);
  }
  Deno.exit(0);
}
