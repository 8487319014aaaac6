import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readCells, runProgram } from "./execute.ts";

const lib = new URL("../../lib/report/mod.ts", import.meta.url);
const notebook = {
  cells: [0, 1].map((index) => ({
    id: `cell-${index}`,
    cell_type: "code",
    execution_count: null,
    metadata: {},
    outputs: [],
    source: `import { show } from "${lib.href}";
await show({ data: [{ name: "a", x: [1], y: [${index}] }], layout: {} });`,
  })),
  metadata: { kernelspec: { name: "deno", display_name: "Deno" } },
  nbformat: 4,
  nbformat_minor: 5,
};

Deno.test("show() draws without a browser and says once what to install", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-notebook-" });
  try {
    await Deno.writeTextFile(`${folder}/in.ipynb`, JSON.stringify(notebook));
    await Deno.copyFile(
      fileURLToPath(new URL("../../deno.json", import.meta.url)),
      `${folder}/deno.json`,
    );
    await runProgram("jupyter", [
      "nbconvert",
      "--to=notebook",
      "--execute",
      "--output=out",
      `${folder}/in.ipynb`,
    ], { PATH: folder });
    const outputs = (await readCells(`${folder}/out.ipynb`))
      .map((cell) => cell.outputs!);
    for (const cell of outputs) {
      const figures = cell.filter(({ data }) => data);
      assert.deepEqual(figures.map(({ data }) => Object.keys(data!).sort()), [
        ["application/vnd.plotly.v1+json", "text/plain"],
      ]);
    }
    const said = outputs.flat().filter(({ name }) => name === "stderr")
      .map(({ text }) => [text].flat().join(""));
    assert.equal(said.length, 1);
    assert.match(
      said[0],
      /without SVG here.*none was found.*sudo apt install chromium/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
