import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { notebookOutputs } from "../../experiments/notebook_outputs.ts";
import {
  type Cell,
  executeAtSmokeScale,
  notebookNames,
  notebooksToHtml,
  type Output,
  readCells,
  sourceOf,
} from "./execute.ts";

const plotly = "application/vnd.plotly.v1+json";
const project = fileURLToPath(new URL("../../", import.meta.url))
  .replace(/\/$/, "");
const pathOf = (name: string) => `${project}/notebooks/${name}.ipynb`;

/** Where the executed copies are. */
const folder = await Deno.makeTempDir({ prefix: "ldlab-notebook-" });
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** Bytes of a notebook, and of all of them together. */
const MOST = { one: 2.5e6, all: 10e6 };

const textOf = (lines: unknown) => [lines].flat().join("");
const codeCells = async (path: string) =>
  (await readCells(path)).filter((cell) => cell.cell_type === "code");
const bundlesOf = (cells: readonly Cell[]) =>
  cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data }) => data ? [data] : [])
  );

Deno.test("notebooks are few bytes together", () => {
  const sizes = notebookNames().map((name) => Deno.statSync(pathOf(name)).size);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(all < MOST.all, `${all}`);
});

for (const name of notebookNames()) {
  const path = pathOf(name);

  Deno.test(`notebooks/${name}.ipynb is kept without outputs, or with those of the small scale`, async () => {
    const text = await Deno.readTextFile(path);
    const cells = await codeCells(path);
    const shown = cells.filter(({ outputs }) => outputs!.length > 0);
    if (shown.length === 0) return;
    assert.equal(shown.length, cells.length, "all cells, or none");
    assert.ok(text.length < MOST.one, `${text.length} bytes`);
    checkOutputs(cells);
    const bundles = bundlesOf(cells);
    assert.match(JSON.stringify(bundles[0]), /[Ss]cale `?small/);
    // What the maintainers' command writes, and nothing of a machine.
    const file = JSON.parse(text);
    assert.equal(notebookOutputs(file, file, { folder: project }), text);
    assert.doesNotMatch(text, /file:\/\/|"\/(home|root|tmp|work|Users)\//);
  });

  Deno.test(`notebooks/${name}.ipynb runs from any folder of the project, and asks for the set-up first`, async () => {
    // The executed copy lies under results/; it finds its imports by deno.json.
    const code = (await codeCells(path)).map(sourceOf).join("\n");
    const imported = [...code.matchAll(/\b(?:from|import) "([^"]+)"/g)]
      .map((at) => at[1]);
    assert.equal(imported[0], "experiments/require_setup.ts");
    for (const path of imported) assert.match(path, /^(experiments|ldlab)\//);
    assert.doesNotMatch(code, /\.\.\//);
  });

  Deno.test(`notebooks/${name}.ipynb gives every output from a clean kernel`, async (t) => {
    const executed = await executeAtSmokeScale(name, folder);
    const cells = await codeCells(executed);
    for (const cell of cells) {
      await t.step(`cell ${cell.id}`, () => checkCell(cell));
    }
    const bundles = bundlesOf(cells);
    await t.step("ran at smoke scale", () => {
      assert.match(JSON.stringify(bundles[0]), /smoke/);
    });
    await t.step("shows figures and tables, filled", () => {
      checkOutputs(cells);
    });
    await t.step("can be kept", async () => {
      const read = async (path: string) =>
        JSON.parse(await Deno.readTextFile(path));
      notebookOutputs(await read(path), await read(executed), {
        folder: project,
      });
    });
  });
}

Deno.test("executed notebooks are not blank as HTML", async () => {
  const copies = notebookNames().map((name) => `${folder}/${name}.ipynb`);
  const pages = await notebooksToHtml(copies);
  for (const [at, page] of pages.entries()) {
    const figures = bundlesOf(await codeCells(copies[at]))
      .filter((bundle) => plotly in bundle);
    const html = await Deno.readTextFile(page);
    const drawn = html.match(/class="[^"]*jp-RenderedSVG/g) ?? [];
    assert.equal(drawn.length, figures.length, page);
    assert.match(html, /<caption/, page);
  }
});

/** A cell shows what it says, and prints nothing. */
function checkCell(cell: Cell): void {
  const outputs = cell.outputs ?? [];
  const isBad = ({ output_type }: Output) => output_type !== "display_data";
  assert.deepEqual(outputs.filter(isBad), []);
  const source = sourceOf(cell);
  const shows = [...source.matchAll(/^await show\(/gm)].length;
  // Progress leaves nothing where all runs were stored before.
  const progresses =
    [...source.matchAll(/\b(?:openProgress|lab\.panel)\(/g)].length;
  assert.ok(
    outputs.length >= shows && outputs.length <= shows + progresses,
    `${outputs.length} outputs of ${shows} show() and ${progresses} progress`,
  );
  assert.match(source, /\bawait show\([\s\S]*\);\s*$/, "ends with show");
}

/** Figures can be seen anywhere, and tables are filled. */
function checkOutputs(cells: readonly Cell[]): void {
  const bundles = bundlesOf(cells);
  const figures = bundles.filter((bundle) => plotly in bundle);
  assert.ok(figures.length > 0);
  for (const figure of figures) {
    assert.ok(figure[plotly].data.length > 0);
    assert.match(textOf(figure["image/svg+xml"]), /^<svg /);
    assert.match(textOf(figure["text/plain"]), /^\[figure\] /);
  }
  const tables = bundles.filter((bundle) =>
    textOf(bundle["text/html"]).includes("<table")
  );
  assert.ok(tables.length > 0);
  for (const table of tables) {
    assert.ok(table["text/plain"]);
    const [head, , ...rows] = textOf(table["text/markdown"]).split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
    assert.ok(rows.length > 0);
    for (const row of rows) {
      assert.ok(row.slice(1).some((cell) => cell !== "–"), `${row}`);
      // AP of here, which every run has.
      const ap = head.indexOf("here: AP");
      if (ap >= 0) assert.match(row[ap], /^\d+\.\d/, `${row}`);
    }
  }
}
