/** Runs Jupyter of the project's environment on the notebooks. */
import { fileURLToPath } from "node:url";
import { executeNotebook } from "../../experiments/execute_notebook.ts";

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

/**
 * Executes a notebook of the project at smoke scale in a clean kernel. Gives
 * the path of the executed copy in `folder`.
 */
export async function executeAtSmokeScale(
  name: string,
  folder: string,
): Promise<string> {
  const source = fileURLToPath(new URL(`notebooks/${name}.ipynb`, project));
  const target = `${folder}/${name}.ipynb`;
  await executeNotebook(source, {
    target,
    environment: { LDLAB_SCALE: "smoke" },
  });
  return target;
}

/** Makes an HTML page of an executed notebook, beside it. */
export async function notebookToHtml(path: string): Promise<string> {
  await runProgram("jupyter", ["nbconvert", "--to=html", path]);
  return path.replace(/\.ipynb$/, ".html");
}

/** The cells of a notebook file. */
export async function readCells(path: string): Promise<Cell[]> {
  return JSON.parse(await Deno.readTextFile(path)).cells;
}

/** Lines of a cell as one text. */
export function sourceOf({ source }: Cell): string {
  return typeof source === "string" ? source : source.join("");
}
