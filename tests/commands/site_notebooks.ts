/** Notebooks with all that a site shows, made without a kernel. */
import type { Figure } from "ldlab/report/figure.ts";
import { encodePng } from "ldlab/report/png.ts";
import { mediaBundle } from "ldlab/report/show.ts";
import { makeTable } from "ldlab/report/table.ts";

/** One line over three points, which the slider lifts; wider than a phone. */
export const movingFigure: Figure = {
  data: [{ type: "scatter", name: "AP", x: [1, 2, 3], y: [1, 2, 3] }],
  layout: {
    width: 760,
    height: 480,
    margin: { b: 140 },
    title: { text: "AP </script> over τ" },
    sliders: [{
      active: 0,
      steps: [1, 2, 5].map((height) => ({
        label: `${height}`,
        method: "restyle",
        args: [{ y: [[1, 2 * height, 3]] }],
      })),
    }],
  },
};

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="760" height="340" ' +
  'viewBox="0 0 760 340"><circle cx="380" cy="170" r="100"/></svg>';

/** A figure without a size, whose picture is of pixels. */
const pixels = {
  output_type: "display_data",
  metadata: {},
  data: {
    "application/vnd.plotly.v1+json": { data: [{ y: [1, 2] }], layout: {} },
    "image/png": encodePng(
      new Uint8Array(200 * 100 * 3).fill(128),
      { width: 200, height: 100 },
    ).toBase64(),
    "text/plain": "[figure] pixels",
  },
};

const wideTable = makeTable({
  title: "Gains < 1",
  columns: Array.from(
    { length: 14 },
    (_, at) => ({
      heading: `column ${at}`,
      kind: at === 0 ? "text" : "number",
    }),
  ),
  rows: [["LD", ...Array(13).fill(40.94)], ["KD", ...Array(13).fill(40.1)]],
});

const markdown = (...lines: string[]) => ({
  cell_type: "markdown",
  metadata: {},
  source: lines.join("\n"),
});

const code = (source: string, outputs: readonly unknown[]) => ({
  cell_type: "code",
  execution_count: null,
  metadata: {},
  source,
  outputs,
});

/** A notebook file's text. */
export function notebookText(
  cells: readonly unknown[],
  version = 4,
): string {
  return JSON.stringify({
    nbformat: version,
    nbformat_minor: 4,
    metadata: { language_info: { name: "typescript" } },
    cells,
  });
}

/**
 * Writes three notebooks: `index`, which names the others, `moving`, which has
 * every kind of output, and `aside`, which was not run.
 */
export async function writeNotebooks(folder: string): Promise<void> {
  const display = async (thing: Figure | typeof wideTable | string) => ({
    output_type: "display_data",
    metadata: {},
    data: await mediaBundle(thing, () => Promise.resolve(svg)),
  });
  const notebooks = {
    index: [
      markdown(
        "# All of it",
        "See [what moves](moving.ipynb#The-figure), [the other](./aside.ipynb),",
        "[the paper](https://arxiv.org/abs/2102.12252), and",
        "[the licence](../LICENSE).",
        "![far](https://example.org/far.png)",
      ),
    ],
    moving: [
      markdown(
        "# What _moves_ & why",
        "Softened by $\\tau^2 < 1$, back to [all](index.ipynb).",
        "",
        "$$\\sum_i p_i = 1$$",
        "",
        "Not a formula: `${a} ${b}`.",
        "",
        "| a | b |",
        "| - | - |",
        "| 1 | 2 |",
      ),
      markdown("## The figure"),
      code("await show(figure); // a $5 line", [await display(movingFigure)]),
      code("await show(table);", [await display(wideTable), pixels]),
      code(`const long = "${"word ".repeat(40)}";`, [
        { output_type: "stream", name: "stdout", text: ["a < b\n", "c"] },
        {
          output_type: "error",
          ename: "RangeError",
          evalue: "τ",
          traceback: ["\u001b[31mRangeError\u001b[0m: τ must be above 0"],
        },
        await display("The **end** of [it](gone.ipynb)."),
      ]),
    ],
    aside: [markdown("# Aside", "Later."), code("await show(1);", [])],
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, cells] of Object.entries(notebooks)) {
    await Deno.writeTextFile(`${folder}/${name}.ipynb`, notebookText(cells));
  }
}
