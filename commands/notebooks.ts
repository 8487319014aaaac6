/**
 * `deno task notebooks`: executes the notebooks at the small scale and writes them
 * back with their outputs, as they are committed.
 */
import { notebookOutputs } from "../experiments/notebook_outputs.ts";
import { projectFolder } from "../experiments/project.ts";
import { formatDuration, stopSignal } from "../lib/report/mod.ts";
import type { Command } from "./command.ts";
import { executeNotebook } from "./execute_notebook.ts";
import { runCommand } from "./run_command.ts";

const NOTEBOOKS = {
  name: "deno task notebooks",
  about: "Executes notebooks at the small scale and writes them back with " +
    "their outputs.",
  positionals: {
    name: {
      about: "table_1a, index, …",
      many: true,
    },
  },
  flags: {
    seeds: {
      kind: "number",
      whole: true,
      least: 1,
      default: 3,
      about: "of each row",
    },
  },
  notes:
    "Runs that are not stored are run. A notebook that fails stays as it " +
    "is.",
} as const satisfies Command;

Deno.exit(
  await runCommand(NOTEBOOKS, Deno.args, async ({ name: names, seeds }) => {
    const signal = stopSignal();
    const folder = await Deno.makeTempDir({ prefix: "ldlab-notebooks-" });
    try {
      for (const name of names) {
        const from = performance.now();
        const source = `${projectFolder}/notebooks/${name}.ipynb`;
        const target = `${folder}/${name}.ipynb`;
        const before = await read(source);
        await executeNotebook(source, {
          target,
          environment: { LDLAB_SCALE: "small", LDLAB_SEEDS: `${seeds}` },
          signal,
        });
        const text = notebookOutputs(before, await read(target), {
          folder: projectFolder,
        });
        await Deno.writeTextFile(source, text);
        const kilobytes = (text.length / 1000).toFixed(0);
        const seconds = (performance.now() - from) / 1000;
        console.log(`${name} ${kilobytes} kB in ${formatDuration(seconds)}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }),
);

async function read(path: string) {
  return JSON.parse(await Deno.readTextFile(path));
}
