import { join } from "node:path";

/** A notebook file that can be shown. */
export interface Notebook {
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
  /** Whether a cell has an output. */
  readonly hasOutputs: boolean;
}

/**
 * The notebooks of a folder, checked.
 *
 * Use it before they are rendered: what is wrong with a file is said here by
 * its name.
 *
 * @param folder Its own `.ipynb` files count, not those of folders in it.
 * @returns By name, in alphabetical order; at least one.
 * @throws {Error} If there is no such folder or it holds no notebook.
 * @throws {SyntaxError} If a file is no notebook of version 4.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findNotebooks } from "./find_notebooks.ts";
 *
 * await assert.rejects(findNotebooks("/no/such"), /there is no such folder/);
 * ```
 */
export async function findNotebooks(folder: string): Promise<Notebook[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.endsWith(".ipynb") && !isDirectory) names.push(name);
    }
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new Error(
        `Cannot find notebooks in '${folder}': there is no such folder`,
        { cause },
      );
    }
    if (cause instanceof Deno.errors.NotADirectory) {
      throw new Error(
        `Cannot find notebooks in '${folder}': it is a file: name the folder it is in`,
        { cause },
      );
    }
    throw cause;
  }
  if (names.length === 0) {
    throw new Error(
      `Cannot find notebooks in '${folder}': it holds no .ipynb file`,
    );
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const path = join(folder, name);
      return {
        name: name.slice(0, -".ipynb".length),
        path,
        hasOutputs: hasOutputs(await Deno.readTextFile(path), path),
      };
    }),
  );
}

/** Whether a cell of a notebook's text has an output; the text is checked. */
function hasOutputs(text: string, path: string): boolean {
  const wrong = (what: string, cause?: unknown) =>
    new SyntaxError(`Cannot read notebook ${path}: ${what}`, { cause });
  let notebook;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    throw wrong(`it is not JSON: ${(cause as Error).message}`, cause);
  }
  const { nbformat, cells } = notebook ?? {};
  if (nbformat === undefined) throw wrong("it names no notebook format");
  if (nbformat !== 4) {
    throw wrong(
      `its format is version ${JSON.stringify(nbformat)}, and 4 is read: ` +
        "open it in JupyterLab and save it",
    );
  }
  if (!Array.isArray(cells)) throw wrong("it has no list of cells");
  return cells.some((cell) => (cell?.outputs ?? []).length > 0);
}
