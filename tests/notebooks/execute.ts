/** Runs Jupyter of the project's environment on the notebooks. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { executeNotebook } from "../../commands/execute_notebook.ts";

const project = new URL("../../", import.meta.url);

/** An output of a code cell, as far as the tests look at it. */
export interface Output {
  output_type: string;
  // deno-lint-ignore no-explicit-any
  data?: Record<string, any>;
  name?: string;
  text?: string | string[];
  evalue?: string;
}

/** A cell of a notebook file. */
export interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
  outputs?: Output[];
}

/** The names of the notebooks, without their ending. */
export function notebookNames(): string[] {
  return [...Deno.readDirSync(new URL("notebooks/", project))]
    .filter(({ name }) => name.endsWith(".ipynb"))
    .map(({ name }) => name.slice(0, -".ipynb".length)).sort();
}

/** A program of the environment that `./ldlab` makes. */
export function environmentProgram(name: string): string {
  return fileURLToPath(new URL(`.venv/bin/${name}`, project));
}

/** Runs a program to its end; fails with what it wrote. */
export async function runProgram(
  name: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(
    environmentProgram(name),
    {
      args,
      cwd: fileURLToPath(project),
      env: environment,
      stdout: "piped",
      stderr: "piped",
    },
  ).output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(
      `${name} ${args.join(" ")} failed:\n${decoder.decode(stdout)}${
        decoder.decode(stderr)
      }`,
    );
  }
  return decoder.decode(stdout);
}

/** Of tables with many rows, some: all rows run with the tables' own tests. */
const SOME_ROWS: Readonly<Record<string, string>> = {
  table_1a: "tau_1,tau_10",
  table_1b: "tbr_0.1,ld",
  table_1c: "gamma_1,gamma_0.25",
  table_2: "main_kd,main_ld,ours,all",
  table_3: "gi,ours,ours_gi",
  table_4: "r18_ours,r50_ours",
  table_5: "retina_ld",
  figure_4: "gi,main_ld",
  paper_against_code: "vlr_diou,as_written",
  self_distillation: "r18_self",
  score_voting: "ours_voting",
};

/**
 * Executes a notebook of the project at smoke scale in a clean kernel. Gives
 * the path of the executed copy in `folder`. Where LDLAB_EXECUTED names a folder,
 * copies are kept there, and one that is there is not made again.
 */
export async function executeAtSmokeScale(
  name: string,
  folder: string,
): Promise<string> {
  const target = `${folder}/${name}.ipynb`;
  const keeps = Deno.env.get("LDLAB_EXECUTED");
  const kept = keeps ? `${keeps}/${name}.ipynb` : target;
  if (!existsSync(kept)) {
    const rows = SOME_ROWS[name];
    await executeNotebook(
      fileURLToPath(new URL(`notebooks/${name}.ipynb`, project)),
      {
        target: kept,
        environment: {
          LDLAB_SCALE: "smoke",
          LDLAB_SEEDS: name === "table_1b" ? "2" : "1",
          ...(rows && { LDLAB_ROWS: rows }),
        },
      },
    );
  }
  if (kept !== target) await Deno.copyFile(kept, target);
  return target;
}

/** Makes an HTML page of each executed notebook, beside it. */
export async function notebooksToHtml(
  paths: readonly string[],
): Promise<string[]> {
  await runProgram("jupyter", ["nbconvert", "--to=html", ...paths]);
  return paths.map((path) => path.replace(/\.ipynb$/, ".html"));
}

/** The cells of a notebook file. */
export async function readCells(path: string): Promise<Cell[]> {
  return JSON.parse(await Deno.readTextFile(path)).cells;
}

/** Lines of a cell as one text. */
export function sourceOf({ source }: Cell): string {
  return typeof source === "string" ? source : source.join("");
}
