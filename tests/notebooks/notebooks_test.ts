import assert from "node:assert/strict";
import {
  executeAtSmokeScale,
  notebookNames,
  notebookToHtml,
  readCells,
  sourceOf,
} from "./execute.ts";

const plotly = "application/vnd.plotly.v1+json";

for (const name of notebookNames()) {
  const original = new URL(`../../notebooks/${name}.ipynb`, import.meta.url);

  Deno.test(`notebooks/${name}.ipynb is kept without outputs`, async () => {
    for (const cell of await readCells(original.pathname)) {
      assert.deepEqual(cell.outputs ?? [], [], `cell ${cell.id}`);
    }
  });

  Deno.test(`notebooks/${name}.ipynb runs from any folder of the project`, async () => {
    // The executed copy lies under results/; it finds its imports by deno.json.
    const code = (await readCells(original.pathname))
      .filter((cell) => cell.cell_type === "code").map(sourceOf).join("\n");
    const imported = [...code.matchAll(/\bfrom "([^"]+)"/g)].map((at) => at[1]);
    assert.ok(imported.length > 0);
    for (const path of imported) assert.match(path, /^(experiments|ldlab)\//);
    assert.doesNotMatch(code, /\.\.\//);
  });

  Deno.test(`notebooks/${name}.ipynb gives every output from a clean kernel`, async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "ldlab-notebook-" });
    try {
      const path = await executeAtSmokeScale(name, folder);
      const codeCells = (await readCells(path)).filter((cell) =>
        cell.cell_type === "code"
      );
      const bundles = codeCells.flatMap(({ outputs = [] }) =>
        outputs.flatMap(({ data }) => data ? [data] : [])
      );
      const figures = bundles.filter((bundle) => plotly in bundle);

      for (const cell of codeCells) {
        await t.step(`cell ${cell.id}`, () => {
          const outputs = cell.outputs ?? [];
          const bad = outputs.filter(({ output_type, name }) =>
            output_type === "error" || name === "stderr"
          );
          assert.deepEqual(bad, []);
          const source = sourceOf(cell);
          const left = outputs.filter(({ data }) => data).length;
          const shows = [...source.matchAll(/^await show\(/gm)].length;
          // Progress leaves nothing where all runs were stored before.
          const progresses = [...source.matchAll(/\bopenProgress\(/g)].length;
          assert.ok(
            left >= shows && left <= shows + progresses,
            `${left} outputs of ${shows} show() and ${progresses} progress`,
          );
          assert.match(
            source,
            /\bawait show\([\s\S]*\);\s*$/,
            "ends with show",
          );
        });
      }
      await t.step("ran at smoke scale", () => {
        assert.match(JSON.stringify(bundles[0]), /smoke/);
      });
      await t.step("figures carry plotly JSON, SVG and text", () => {
        assert.ok(figures.length > 0);
        for (const figure of figures) {
          assert.ok(figure[plotly].data.length > 0);
          assert.match([figure["image/svg+xml"]].flat().join(""), /^<svg /);
          assert.match([figure["text/plain"]].flat().join(""), /^\[figure\] /);
        }
      });
      await t.step("tables carry HTML, Markdown and text", () => {
        const tables = bundles.filter((bundle) =>
          [bundle["text/html"]].flat().join("").includes("<table")
        );
        assert.ok(tables.length > 0);
        for (const table of tables) {
          assert.ok(table["text/markdown"] && table["text/plain"]);
        }
      });
      await t.step("is not blank as HTML", async () => {
        const html = await Deno.readTextFile(await notebookToHtml(path));
        const drawn = html.match(/class="[^"]*jp-RenderedSVG/g) ?? [];
        assert.equal(drawn.length, figures.length);
        assert.match(html, /<caption/);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
