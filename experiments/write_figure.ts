import {
  type Figure,
  type JournalColumns,
  journalSize,
  openExporter,
} from "../lib/report/mod.ts";
import { writeFileAtomically } from "../lib/train/mod.ts";
import { projectFolder, resultsFolder } from "./project.ts";

/**
 * Writes a figure for a paper, at the width of a journal's columns: as PNG of 600
 * dpi, SVG and PDF.
 *
 * Use it in a notebook: `await writeFigure(await result.figure("gains"), "gains")`.
 *
 * @param name What the files are called, without an ending: letters, digits, `_`
 * and `-`.
 * @param options.columns How many columns of a page it takes; `single` unless
 * given.
 * @param options.folder Where to; `results/figures` unless given. It is made.
 * @returns The files' paths, from the project's folder where they lie in it.
 * @throws {RangeError} If the name is not of these letters, or there is no such
 * width.
 * @throws {Error} Where there is no browser, with what to install, or a file cannot
 * be written: what was there of that name stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeFigure } from "./write_figure.ts";
 * await assert.rejects(writeFigure({ data: [], layout: {} }, "../a"), /name must be/);
 * ```
 */
export async function writeFigure(
  figure: Figure,
  name: string,
  { columns = "single", folder = `${resultsFolder}/figures` }: {
    readonly columns?: JournalColumns;
    readonly folder?: string;
  } = {},
): Promise<string[]> {
  if (!/^[\w-]+$/.test(name)) {
    throw new RangeError(
      "Cannot write a figure: its name must be of letters, digits, _ and -: " +
        `current value is '${name}'`,
    );
  }
  const sized = journalSize(figure, columns);
  await using exporter = await openExporter();
  await Deno.mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (
    const [ending, bytes] of [
      ["png", await exporter.png(sized, { dpi: 600 })],
      ["svg", new TextEncoder().encode(await exporter.svg(sized))],
      ["pdf", await exporter.pdf(sized)],
    ] as const
  ) {
    const path = `${folder}/${name}.${ending}`;
    try {
      await writeFileAtomically(path, [bytes]);
    } catch (error) {
      throw new Error(`Cannot write ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    paths.push(path.replace(`${projectFolder}/`, ""));
  }
  return paths;
}
