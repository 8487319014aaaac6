import assert from "node:assert/strict";
import {
  type NotebookFile,
  type NotebookOutput,
  notebookOutputs,
} from "../../experiments/notebook_outputs.ts";

const cell = (more: Record<string, unknown> = {}) => ({
  source: ["await show(1);"],
  outputs: [] as NotebookOutput[],
  metadata: {},
  id: "a",
  execution_count: null,
  cell_type: "code",
  ...more,
});
const shown = (data: Record<string, unknown>) => ({
  output_type: "display_data",
  metadata: {},
  data,
});
const notebook = (...cells: ReturnType<typeof cell>[]): NotebookFile => ({
  nbformat_minor: 5,
  nbformat: 4,
  metadata: { kernelspec: { name: "deno" } },
  cells,
});
const options = { folder: "/home/me/ldlab" };
const svg = (name: string) =>
  `<svg><defs id="defs-${name}"><clipPath id="clip${name}xy"/></defs>` +
  `<g clip-path="url(#clip${name}xy)" fill="#${name}"/></svg>`;

Deno.test("notebookOutputs() takes the outputs and nothing else of the execution", () => {
  const source = notebook(
    cell({ cell_type: "markdown", id: "m", outputs: undefined }),
    cell({ outputs: [shown({ "text/plain": "old" })] }),
  );
  const executed = {
    ...notebook(
      cell({ cell_type: "markdown", id: "m" }),
      cell({
        execution_count: 7,
        metadata: { execution: { "iopub.status.busy": "2026-11-22" } },
        outputs: [
          shown({ "text/html": ["<progress max=", '"1">'], "text/plain": "" }),
          shown({ "text/plain": "new" }),
        ],
      }),
    ),
    metadata: { language_info: { version: "6.0.3" } },
  };
  const text = notebookOutputs(source, executed, options);
  const kept = JSON.parse(text);
  assert.deepEqual(kept.metadata, source.metadata);
  const [, { outputs, ...rest }] = kept.cells;
  assert.deepEqual(outputs, [shown({ "text/plain": "new" })]);
  assert.deepEqual([rest.execution_count, rest.metadata], [null, {}]);
  // Keys as Jupyter orders them, whatever their order was.
  assert.deepEqual(Object.keys(kept)[0], "cells");
  assert.deepEqual(Object.keys(rest)[0], "cell_type");
  // A second execution changes nothing.
  assert.equal(notebookOutputs(kept, executed, options), text);
});

Deno.test("notebookOutputs() names the parts of pictures the same each time, apart from each other", () => {
  const withNames = (one: string, two: string) =>
    notebook(
      cell({ outputs: [shown({ "image/svg+xml": svg(one) })] }),
      cell({ id: "b", outputs: [shown({ "image/svg+xml": [svg(two)] })] }),
    );
  const source = notebook(cell(), cell({ id: "b" }));
  const text = notebookOutputs(source, withNames("abc123", "0f0f0f"), options);
  const [[first], [second]] = JSON.parse(text).cells.map((
    { outputs }: { outputs: { data: Record<string, string[]> }[] },
  ) => outputs[0].data["image/svg+xml"]);
  assert.equal(first, svg("000000").replace("#000000", "#abc123")); // a colour
  assert.equal(second, svg("000001").replace("#000001", "#0f0f0f"));
});

Deno.test("notebookOutputs() keeps a picture once that a figure draws often, and does not mind to do it again", () => {
  const photo = "data:image/jpeg;base64,AAAA";
  const other = "data:image/png;base64,BBBB";
  const image = (source: string, x: number) =>
    `<image xlink:href="${source}" x="${x}" width="20" height="10" clip-path="url(#c)"/>`;
  const drawn = svg("abc123").replace(
    "</svg>",
    `${image(photo, 1)}${image(other, 2)}${image(photo, 3)}</svg>`,
  );
  const figure = {
    data: [],
    layout: { images: [{ source: photo, x: 1 }, { source: photo, x: 3 }] },
  };
  const plotly = "application/vnd.plotly.v1+json";
  const source = notebook(cell());
  const executed = notebook(cell({
    outputs: [shown({ "image/svg+xml": drawn, [plotly]: figure })],
  }));
  const text = notebookOutputs(source, executed, options);
  const [{ outputs: [{ data }] }] = JSON.parse(text).cells;
  const kept = data["image/svg+xml"].join("");
  assert.equal(kept.split(photo).length, 2, "once");
  assert.ok(kept.includes(image(other, 2)));
  for (const x of [1, 3]) {
    assert.ok(
      kept.includes(
        // A clip of its own would be moved by x.
        '<g clip-path="url(#c)"><use xlink:href="#picture000000-0" ' +
          `x="${x}" width="20" height="10"/></g>`,
      ),
    );
  }
  assert.match(
    kept,
    /^<svg><defs><symbol id="picture000000-0" viewBox="0 0 20 10"/,
  );
  assert.deepEqual(data[plotly].layout, {
    images: [{ x: 1 }, { x: 3 }],
    template: { layout: { imagedefaults: { source: photo } } },
  });
  const file = JSON.parse(text);
  assert.equal(notebookOutputs(file, file, options), text);
});

Deno.test("notebookOutputs() refuses what no reader should find, with the cell", () => {
  const refused: [NotebookOutput, RegExp][] = [
    [
      { output_type: "stream", name: "stderr", text: "Figures are shown" },
      /cell 'a': it has an output of type stream: .*Figures are shown/,
    ],
    [{ output_type: "error", evalue: "no" }, /of type error: .*no/],
    [
      shown({ "text/plain": "see /home/me/ldlab/results" }),
      /cell 'a': an output names \/home\/me\/ldlab, which is of this machine/,
    ],
  ];
  for (const [output, message] of refused) {
    assert.throws(
      () =>
        notebookOutputs(
          notebook(cell()),
          notebook(cell({ outputs: [output] })),
          options,
        ),
      { message },
    );
  }
});
