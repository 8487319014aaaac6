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

/** Runs code in a process that takes itself for a notebook's kernel. */
async function inKernel(code: string, chromium: string) {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { show } from "${import.meta.resolve("ldlab/report/show.ts")}";
       const display = (bundle) => Promise.resolve(console.log(Object.keys(bundle).join()));
       Deno.jupyter = { display };
       const figure = ${JSON.stringify(figure)};
       ${code}`,
    ],
    env: { LDLAB_CHROMIUM: chromium, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { shown: text.decode(stdout), said: text.decode(stderr), success };
}

for (
  const [what, chromium, reason] of [
    ["is named wrongly", "/nonexistent", /LDLAB_CHROMIUM.*unset it/g],
    ["does not start", "/bin/false", /did not start: install it/g],
    ["may not be run", "/etc/passwd", /did not start: install it/g],
  ] as const
) {
  Deno.test(`show() shows figures without SVG, and says so once, where the browser ${what}`, async () => {
    const { shown, said, success } = await inKernel(
      `await show(figure); await Promise.all([show(figure), show(figure)]);`,
      chromium,
    );
    assert.equal(
      shown,
      "application/vnd.plotly.v1+json,text/plain\n".repeat(3),
    );
    assert.match(said, /^Figures are shown without SVG here\. Cannot /);
    assert.equal(said.match(reason)?.length, 1, said);
    assert.ok(success);
  });
}
