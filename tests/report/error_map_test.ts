import assert from "node:assert/strict";
import { errorMap } from "ldlab/report/error_map.ts";

const picture = {
  image: { source: "data:image/png;base64,", width: 64, height: 32 },
  name: "a square",
  truth: [[4, 4, 40, 24]],
  levels: [
    { name: "P5", stride: 32, height: 1, width: 2 },
    { name: "P6", stride: 64, height: 1, width: 1 },
  ],
};

Deno.test("errorMap() has a row a student and one scale of colours, and keeps errors of 0", () => {
  const { data, layout } = errorMap(picture, [
    { name: "alone", errors: [0, 4, 7] },
    { name: "LD", errors: [1, 1, 2] },
  ], { title: "Errors" });
  const maps = data.filter(({ type }) => type === "heatmap");
  assert.deepEqual(maps.map(({ z }) => z), [[[0, 4]], [[7]], [[1, 1]], [[2]]]);
  assert.ok(maps.every(({ coloraxis }) => coloraxis === "coloraxis"));
  assert.deepEqual([layout.coloraxis.cmin, layout.coloraxis.cmax], [0, 7]);
  assert.deepEqual(
    layout.annotations.map(({ text }: { text: string }) => text),
    [
      "P5: mean 2.0",
      "P6: mean 7.0",
      "P5: mean 1.0",
      "P6: mean 2.0",
      "<b>alone</b>",
      "<b>LD</b>",
    ],
  );
});

Deno.test("errorMap() refuses no students, missing and negative errors", () => {
  const map = (...errors: number[][]) =>
    errorMap(picture, errors.map((each) => ({ name: "", errors: each })), {
      title: "",
    });
  assert.throws(() => map(), { name: "RangeError", message: /at least one/ });
  assert.throws(() => map([1, 2]), {
    name: "TypeError",
    message: /must have 3 values/,
  });
  assert.throws(() => map([1, -2, 3]), { name: "RangeError" });
});
