/** Figures at journal sizes as a browser draws them: nothing is cut or covered. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { apOverEpochs } from "ldlab/report/ap_over_epochs.ts";
import { apOverTemperature } from "ldlab/report/ap_over_temperature.ts";
import { openBrowser } from "ldlab/report/browser.ts";
import type { Figure } from "ldlab/report/figure.ts";
import { gains } from "ldlab/report/gains.ts";
import {
  JOURNAL_WIDTHS,
  type JournalColumns,
  journalSize,
} from "ldlab/report/journal_size.ts";

const COLUMNS = Object.keys(JOURNAL_WIDTHS) as JournalColumns[];

// The longest names of the tables' rows, and as many as any table has.
const names = [
  "without LD, score-voting Cluster-DIoU-NMS",
  "Main KD + Main LD + VLR KD + VLR LD",
  "no distillation (over as released)",
  ...Array.from({ length: 11 }, (_, at) => `Ours + Method ${at}`),
];
const gain = { mean: -12.3, halfWidth: 14.5, seeds: [-9, -15], paper: 1 };
const seed = [{ epoch: 6, ap: 20 }, { epoch: 24, ap: 38.5 }];
const figures: Record<string, Figure> = {
  gains: gains(
    names.map((name, at) => ({
      name,
      gains: [at % 2 ? gain : { ...gain, halfWidth: 1 }],
    })),
    { metrics: ["AP"], over: "no LD", tested: "T" },
  ),
  ap_over_epochs: apOverEpochs(
    names.map((name, at) => ({ name, over: at ? 0 : null, seeds: [seed] })),
    { tested: "T" },
  ),
  ap_over_temperature: apOverTemperature({
    rows: [null, 1, 10].map((temperature) => ({ temperature, ap: [38, 40] })),
    paper: [null, 1, 10].map((temperature) => ({ temperature, ap: [41] })),
    here: "synthetic scenes",
    there: "COCO val2017",
  }),
};

Deno.test("journalSize() cuts no text, lets none cover another, and leaves the plot room", async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.setContent("<body style='margin:0'><div id=figure></div>");
    await page.addScriptTag({
      path: fileURLToPath(
        import.meta.resolve("plotly.js-dist-min/plotly.min.js"),
      ),
    });
    for (const [name, figure] of Object.entries(figures)) {
      for (const columns of COLUMNS) {
        const sized = journalSize(figure, columns);
        const { width, height } = sized.layout;
        const { texts, plot } = await page.evaluate(
          async ({ data, layout }: Figure) => {
            // deno-lint-ignore no-explicit-any
            const { Plotly, document } = globalThis as any;
            await Plotly.newPlot("figure", data, layout, { staticPlot: true });
            const box = (node: { getBoundingClientRect(): DOMRect }) => {
              const { left, right, top, bottom } = node.getBoundingClientRect();
              return { left, right, top, bottom };
            };
            // deno-lint-ignore no-explicit-any
            const all: any[] = [...document.querySelectorAll("#figure text")];
            return {
              texts: all.filter(({ textContent }) => textContent.trim())
                .map((node) => ({ text: node.textContent, ...box(node) })),
              // Pixels of the axis, as plotly keeps them.
              plot: document.getElementById("figure")._fullLayout.xaxis._length,
            };
          },
          sized,
        );
        const what = `${name}, ${columns}`;
        assert.ok(texts.length >= names.length / 2, what);
        for (const { text, left, right, top, bottom } of texts) {
          assert.ok(
            left >= 0 && top >= 0 && right <= width && bottom <= height,
            `${what}: '${text}' is cut`,
          );
          const other = texts.find((each) =>
            each.text !== text && each.left < right - 1 &&
            left < each.right - 1 && each.top < bottom - 3 &&
            top < each.bottom - 3
          );
          assert.equal(other, undefined, `${what}: '${text}' is covered`);
        }
        assert.ok(plot > 0.3 * width, `${what}: ${plot} of ${width} px`);
      }
    }
  } finally {
    await browser.close();
  }
});
