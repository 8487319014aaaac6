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
