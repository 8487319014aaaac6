import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { openBrowser } from "./browser.ts";
import { type Figure, type FigureSize, stillFigure } from "./figure.ts";
import { withResolution } from "./png.ts";

/** Draws figures as pictures in one headless Chromium. */
export interface Exporter {
  /** Vector picture for pages; the figure's own size unless given. */
  svg(figure: Figure, size?: Partial<FigureSize>): Promise<string>;
  /**
   * Pixel picture with `scale` pixels per CSS pixel, 2 by default; or with `dpi`
   * pixels to the inch, which it then says.
   */
  png(
    figure: Figure,
    options?: Partial<FigureSize> & { scale?: number; dpi?: number },
  ): Promise<Uint8Array>;
  /** Vector picture on one page of exactly its size, 96 CSS pixels to the inch. */
  pdf(figure: Figure, size?: Partial<FigureSize>): Promise<Uint8Array>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the browser that draws figures as SVG, PNG and PDF.
 *
 * Use one for a whole run: the first picture takes a second or two, the next
 * ones tens of milliseconds. plotly.js is read from `node_modules`; nothing is
 * fetched from outside. A picture shows the figure without its sliders, in the
 * state in which it opens. Two SVGs of one figure may differ in their random
 * element names.
 *
 * @param browser the executable; LDLAB_CHROMIUM or the usual names by default
 * @returns the exporter; close it, or declare it with `await using`
 * @throws {Error} when there is no browser or it does not start, with what to do
 *
 * @example
 * ```ts
 * import { openExporter } from "ldlab/report/export.ts";
 * import { findBrowser } from "ldlab/report/find_browser.ts";
 * import assert from "node:assert/strict";
 *
 * if (findBrowser() !== null) {
 *   await using exporter = await openExporter();
 *   const figure = { data: [{ y: [1, 3, 2] }], layout: { width: 300, height: 200 } };
 *   assert.match(await exporter.svg(figure), /^<svg /);
 * }
 * ```
 */
export async function openExporter(browser?: string): Promise<Exporter> {
  const chromium = await openBrowser(browser);
  let page: Page;
  try {
    page = await chromium.newPage();
    await page.setContent(
      "<!doctype html><style>@page{margin:0}html,body{margin:0}</style><div id=figure></div>",
    );
    await page.addScriptTag({
      path: fileURLToPath(
        import.meta.resolve("plotly.js-dist-min/plotly.min.js"),
      ),
    });
  } catch (error) {
    await chromium.close();
    throw error;
  }
  // One page, so one picture after the other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(draw: () => Promise<T>): Promise<T> => {
    const result = last.then(draw).catch((cause) => {
      if (chromium.connected) throw cause;
      throw new Error(
        "Cannot draw a figure: Chromium has ended, perhaps for want of memory: draw it again in a new one",
        { cause },
      );
    });
    last = result.catch(() => {});
    return result;
  };
  const close = () => inTurn(() => chromium.close());
  return {
    svg: (figure, size) =>
      inTurn(async () => {
        const url = await draw(page, "svg", still(figure, size));
        return decodeURIComponent(url.slice(url.indexOf(",") + 1));
      }),
    png: (figure, { scale = 2, dpi, ...size } = {}) =>
      inTurn(async () => {
        const pixels = dpi === undefined ? scale : dpi / 96;
        const url = await draw(page, "png", still(figure, size), pixels);
        const png = Uint8Array.fromBase64(url.slice(url.indexOf(",") + 1));
        return dpi === undefined ? png : withResolution(png, dpi);
      }),
    pdf: (figure, size) =>
      inTurn(async () => {
        const sized = still(figure, size);
        await draw(page, "page", sized);
        const { width, height } = sized.layout;
        return await page.pdf({
          width: `${width}px`,
          height: `${height}px`,
          printBackground: true,
          pageRanges: "1",
        });
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function still(figure: Figure, size: Partial<FigureSize> = {}): Figure {
  const { data, layout } = stillFigure(figure);
  const { width = layout.width ?? 700, height = layout.height ?? 450 } = size;
  if (!(width > 0 && height > 0)) {
    throw new RangeError(
      `Cannot draw a figure: width and height must be above 0 pixels: current size is ${width} x ${height}`,
    );
  }
  return { data, layout: { ...layout, width, height } };
}

/** Draws in the page; gives a data URL, or leaves the figure in the page. */
async function draw(
  page: Page,
  format: "svg" | "png" | "page",
  figure: Figure,
  scale = 1,
): Promise<string> {
  // Runs in the page: it can use nothing from outside but its arguments.
  const inPage = async (
    figure: Figure,
    format: "svg" | "png" | "page",
    scale: number,
  ) => {
    // deno-lint-ignore no-explicit-any
    const { Plotly, document } = globalThis as any;
    const target = document.getElementById("figure");
    Plotly.purge(target);
    await Plotly.newPlot(target, figure.data, figure.layout, {
      staticPlot: true,
    });
    if (format === "page") return "";
    const { width, height } = figure.layout;
    return await Plotly.toImage(target, { format, width, height, scale });
  };
  return await page.evaluate(inPage, figure, format, scale);
}
