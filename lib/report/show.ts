import { type Exporter, openExporter } from "./export.ts";
import type { Figure } from "./figure.ts";
import { figureToText } from "./figure_text.ts";
import { inJupyter, type MediaBundle, openDisplay } from "./jupyter.ts";
import type { Table } from "./table.ts";
import { tableToHtml } from "./table_html.ts";
import { tableToMarkdown } from "./table_markdown.ts";
import { tableToText } from "./table_text.ts";
import { wrapText } from "./wrap_text.ts";

/**
 * Shows a figure, a table or a sentence where the code runs.
 *
 * Use it as the last line of a notebook's cell, with `await`: a bare last
 * expression is lost now and then by headless runs of the Deno kernel. A
 * figure is shown as plotly JSON (JupyterLab makes it interactive), SVG (for
 * pages that cannot) and text; a table as HTML, Markdown and text. In a
 * terminal the text is printed, as wide as the terminal is. Where there is no
 * browser, or it fails, there is no SVG, and the first such figure says what to do.
 *
 * @param thing what to show; text may be Markdown in a notebook
 * @returns when it is out
 *
 * @example
 * ```ts
 * import { show } from "ldlab/report/show.ts";
 * import assert from "node:assert/strict";
 *
 * const shown = await show("Shown in a notebook, printed in a terminal.");
 * assert.equal(shown, undefined);
 * ```
 */
export async function show(thing: Figure | Table | string): Promise<void> {
  if (inJupyter()) await openDisplay().put(await bundleOf(thing));
  else Deno.stdout.writeSync(new TextEncoder().encode(`${textOf(thing)}\n`));
}

/**
 * All forms of one thing, for a notebook's output.
 *
 * Use it to write outputs without a kernel; {@link show} does the rest.
 *
 * @param thing figure, table or text
 * @param draw draws a figure as SVG, or gives `null` where nothing can
 * @returns the forms by media type, `text/plain` always among them
 *
 * @example
 * ```ts
 * import { mediaBundle } from "ldlab/report/show.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = { data: [], layout: {} };
 * const bundle = await mediaBundle(figure, () => Promise.resolve(null));
 * assert.deepEqual(Object.keys(bundle), ["application/vnd.plotly.v1+json", "text/plain"]);
 * ```
 */
export async function mediaBundle(
  thing: Figure | Table | string,
  draw: (figure: Figure) => Promise<string | null>,
): Promise<MediaBundle> {
  if (typeof thing === "string") {
    return { "text/markdown": thing, "text/plain": thing };
  }
  if ("columns" in thing) {
    return {
      "text/html": tableToHtml(thing),
      "text/markdown": tableToMarkdown(thing),
      "text/plain": tableToText(thing),
    };
  }
  const svg = await draw(thing);
  return {
    "application/vnd.plotly.v1+json": thing,
    ...(svg === null ? {} : { "image/svg+xml": svg }),
    "text/plain": figureToText(thing),
  };
}

function textOf(thing: Figure | Table | string): string {
  const { stdout } = Deno;
  // A file or another program takes lines of any length.
  const width = stdout.isTerminal() && Deno.consoleSize().columns || Infinity;
  if (typeof thing === "string") return wrapText(thing, width);
  return "columns" in thing ? tableToText(thing, width) : figureToText(thing);
}

/** The kernel's browser: opened by the first figure, ended with the kernel. */
let exporter: Promise<Exporter> | undefined;
let warned = false;

function bundleOf(thing: Figure | Table | string): Promise<MediaBundle> {
  return mediaBundle(thing, async (figure) => {
    const used = exporter ??= openExporter();
    try {
      return await (await used).svg(figure);
    } catch (error) {
      // The next figure tries a new browser: this one may have died.
      if (exporter === used) exporter = undefined;
      used.then((opened) => opened.close()).catch(() => {});
      if (!warned) {
        warned = true;
        // deno-lint-ignore no-console
        console.warn(
          `Figures are shown without SVG here. ${(error as Error).message}`,
        );
      }
      return null;
    }
  });
}
