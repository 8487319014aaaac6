import type { Figure } from "../lib/report/mod.ts";
import { shareInFigure, shareInSvg } from "./shared_pictures.ts";

const PLOTLY = "application/vnd.plotly.v1+json";

/** A notebook's file as it is read. */
export interface NotebookFile {
  readonly cells: readonly NotebookCell[];
  readonly [name: string]: unknown;
}

/** A cell of a notebook's file. */
export interface NotebookCell {
  readonly id: string;
  readonly cell_type: string;
  readonly outputs?: readonly NotebookOutput[];
  readonly [name: string]: unknown;
}

/** An output of a code cell. */
export interface NotebookOutput {
  readonly output_type: string;
  /** By media type; long texts are lists of lines. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

/**
 * A notebook with the outputs of its executed copy, as its file is kept: what a
 * second execution with the same results would write again. Progress, counts and
 * times are left out, and the random names in pictures are replaced.
 *
 * @param source The notebook.
 * @param executed Its copy; each cell is the source's.
 * @param options.folder A path that outputs must not name.
 * @returns The file's text, with the order of keys that Jupyter writes.
 * @throws {Error} If a cell printed something, ended in an error, or names the
 * folder.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { notebookOutputs } from "./notebook_outputs.ts";
 * const cell = { id: "a", cell_type: "code", outputs: [] };
 * const shown = { output_type: "display_data", data: { "text/plain": "1" } };
 * const text = notebookOutputs(
 *   { cells: [cell] },
 *   { cells: [{ ...cell, execution_count: 3, outputs: [shown] }] },
 *   { folder: "/work" },
 * );
 * assert.equal(JSON.parse(text).cells[0].outputs[0].data["text/plain"], "1");
 * assert.equal(JSON.parse(text).cells[0].execution_count, undefined);
 * ```
 */
export function notebookOutputs(
  source: NotebookFile,
  executed: NotebookFile,
  { folder }: { readonly folder: string },
): string {
  let pictures = 0;
  const cells = source.cells.map((cell, at) => {
    if (cell.cell_type !== "code") return cell;
    const { outputs = [] } = executed.cells[at];
    const kept = outputs.filter((output) => !isProgress(output)).map(
      (output) => {
        const { data } = requireShown(output, cell.id, folder);
        const forms = data!["image/svg+xml"]
          ? { ...data, ...figureForms(data!, pictures++) }
          : data;
        return { output_type: "display_data", metadata: {}, data: forms };
      },
    );
    return { ...cell, outputs: kept };
  });
  return `${fileText(sorted({ ...source, cells }))}\n`;
}

const textOf = (lines: unknown) => [lines].flat().join("");

/** What is left of a bar is of the run, not of its results. */
function isProgress({ data }: NotebookOutput): boolean {
  return textOf(data?.["text/html"]).startsWith("<progress ");
}

function requireShown(
  output: NotebookOutput,
  cell: string,
  folder: string,
): NotebookOutput {
  const { output_type } = output;
  const problem = output_type !== "display_data"
    ? `it has an output of type ${output_type}: ${
      JSON.stringify(output).slice(0, 500)
    }`
    : JSON.stringify(output).includes(folder)
    ? `an output names ${folder}, which is of this machine`
    : null;
  if (problem === null) return output;
  throw new Error(`Cannot keep the outputs of cell '${cell}': ${problem}`);
}

/**
 * A figure's forms, what is repeated in them kept once. plotly names the parts of a
 * picture by six random digits: they become the picture's number.
 */
function figureForms(
  data: Readonly<Record<string, unknown>>,
  number: number,
): Readonly<Record<string, unknown>> {
  const svg = textOf(data["image/svg+xml"]);
  const name = /<defs id="defs-([0-9a-f]{6})"/.exec(svg)?.[1];
  const stable = number.toString(16).padStart(6, "0");
  const named = name === undefined
    ? svg
    : svg.replaceAll(new RegExp(`(?<=[a-z-])${name}`, "g"), stable);
  const lines = shareInSvg(named, `picture${stable}-`).split(/(?<=\n)/);
  const figure = data[PLOTLY] as Figure | undefined;
  return {
    "image/svg+xml": lines,
    ...(figure && { [PLOTLY]: shareInFigure(figure) }),
  };
}

/** As Jupyter writes it, but figures in a line each: a number a line is twice as long. */
function fileText(notebook: unknown): string {
  const figures: string[] = [];
  const mark = (at: number) => `figure ${at} of this file`;
  const text = JSON.stringify(
    notebook,
    (key, value) =>
      key === PLOTLY ? mark(figures.push(JSON.stringify(value)) - 1) : value,
    1,
  );
  return figures.reduce(
    (text, figure, at) => text.replace(`"${mark(at)}"`, () => figure),
    text,
  );
}

/** With the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(keys.map(([key, part]) => [key, sorted(part)]));
}
