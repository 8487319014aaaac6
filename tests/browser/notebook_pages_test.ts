/// <reference lib="dom" />
/**
 * Looks at the executed notebooks as people do: in JupyterLab and as HTML
 * pages, in a real browser. Screenshots stay in LDLAB_SCREENSHOTS where that
 * names a folder.
 */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { openBrowser } from "ldlab/report/browser.ts";
import {
  executeAtSmokeScale,
  notebooksToHtml,
  readCells,
} from "../notebooks/execute.ts";
import { startJupyterLab } from "./jupyter_lab.ts";
import { textFaults } from "./text_faults.ts";

const plotly = "application/vnd.plotly.v1+json";

/** With every kind of cell and figure: sliders, maps, many rows, pictures. */
const SHOWN = ["table_1a", "table_3", "figure_5", "building_blocks"];

Deno.test("executed notebooks are drawn in JupyterLab and as HTML", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-browser-" });
  const browser = await openBrowser();
  const lab = await startJupyterLab(folder);
  try {
    for (const name of SHOWN) {
      const path = await executeAtSmokeScale(name, folder);
      const figures = (await readCells(path)).flatMap(({ outputs = [] }) =>
        outputs.flatMap(({ data }) => data?.[plotly] ?? [])
      );
      await t.step(`${name} in JupyterLab`, async (t) => {
        // Tall, for JupyterLab draws only the cells near the window.
        const page = await openPage(lab.address(`${name}.ipynb`), 9000);
        await page.waitForFunction(
          (count: number) =>
            document
              .querySelectorAll(".jp-OutputArea .js-plotly-plot .gtitle")
              .length === count,
          { timeout: 60_000 },
          figures.length,
        );
        await screenshot(page, `${name}_lab`);
        await t.step("figures are not cut or covered", async () => {
          assert.deepEqual(
            await textFaults(page, { places: ".js-plotly-plot" }),
            [],
          );
        });
        for (const [index, { layout }] of figures.entries()) {
          await screenshot(page, `${name}_lab_figure_${index}`, index);
          if (layout.sliders === undefined) continue;
          await t.step(`the slider of figure ${index} moves it`, async () => {
            const before = await drawn(page, index);
            const steps = layout.sliders[0].steps.length;
            const other = layout.sliders[0].active === 0 ? steps - 1 : 0;
            await clickSlider(page, index, other / (steps - 1));
            const after = await drawn(page, index);
            assert.equal(
              after.label.endsWith(` ${layout.sliders[0].steps[other].label}`),
              true,
              after.label,
            );
            assert.ok(after.plot !== before.plot);
            await screenshot(page, `${name}_lab_slider_${index}`, index);
          });
        }
        await page.close();
      });
      await t.step(`${name} as HTML`, async () => {
        const [html] = await notebooksToHtml([path]);
        const page = await openPage(pathToFileURL(html).href, 3200);
        const sizes = await page.$$eval(
          ".jp-RenderedSVG svg.main-svg:first-of-type, .jp-RenderedSVG img",
          (pictures) =>
            pictures.map((picture) => {
              const { width, height } = picture.getBoundingClientRect();
              return { width, height };
            }),
        );
        assert.equal(sizes.length, figures.length);
        for (const { width, height } of sizes) {
          assert.ok(width > 400 && height > 200, `${width} x ${height}`);
        }
        await screenshot(page, `${name}_html`);
        await page.close();
      });
    }
  } finally {
    await lab.close();
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }

  async function openPage(address: string, height: number): Promise<Page> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1500, height });
    await page.goto(address, { waitUntil: "load", timeout: 60_000 });
    return page;
  }
});

/** A picture of the page, and one of the figure in question. */
async function screenshot(
  page: Page,
  name: string,
  figure?: number,
): Promise<void> {
  const folder = Deno.env.get("LDLAB_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  const target = figure === undefined
    ? page
    : (await page.$$(".js-plotly-plot"))[figure];
  await target.screenshot({ path: `${folder}/${name}.png` });
}

/** The slider's text, and all that is drawn between the axes of a figure. */
function drawn(page: Page, index: number) {
  return page.$$eval(".js-plotly-plot", (plots, index) => ({
    label: plots[index].querySelector(".slider-label")?.textContent ?? "",
    plot: plots[index].querySelector(".cartesianlayer")!.innerHTML,
  }), index);
}

async function clickSlider(
  page: Page,
  index: number,
  fraction: number,
): Promise<void> {
  const [plot] = (await page.$$(".js-plotly-plot")).slice(index);
  const rail = await plot.$(".slider-rail-touch-rect");
  // A click beyond the window would reach nothing.
  await rail!.evaluate((element) =>
    element.scrollIntoView({ block: "center" })
  );
  const box = await rail!.boundingBox();
  // The grip moves between its own half widths, not to the very ends.
  const x = box!.x + 11 + fraction * (box!.width - 22);
  await page.mouse.click(x, box!.y + box!.height / 2);
  await new Promise((resolve) => setTimeout(resolve, 500));
}
