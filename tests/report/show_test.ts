import assert from "node:assert/strict";
import { mediaBundle } from "ldlab/report/show.ts";
import { sampleTable } from "./sample_table.ts";

const figure = { data: [{ name: "a", x: [1], y: [2] }], layout: {} };

Deno.test("mediaBundle() gives a figure as plotly JSON, SVG and text", async () => {
  const bundle = await mediaBundle(figure, () => Promise.resolve("<svg/>"));
  assert.deepEqual(bundle, {
    "application/vnd.plotly.v1+json": figure,
    "image/svg+xml": "<svg/>",
    "text/plain": "[figure] untitled\na: 1 → 2",
  });
});

Deno.test("mediaBundle() gives a table as HTML, Markdown and text", async () => {
  const draw = () => Promise.reject(new Error("a table is not drawn"));
  const bundle = await mediaBundle(sampleTable, draw);
  assert.deepEqual(Object.keys(bundle), [
    "text/html",
    "text/markdown",
    "text/plain",
  ]);
  assert.deepEqual(await mediaBundle("so *it* is", draw), {
    "text/markdown": "so *it* is",
    "text/plain": "so *it* is",
  });
});

Deno.test("show() prints text where there is no notebook", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { show } from "${import.meta.resolve("ldlab/report/show.ts")}";
       await show("one"); await show(${JSON.stringify(figure)});`,
    ],
  }).output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "one\n[figure] untitled\na: 1 → 2\n",
  );
});
