import assert from "node:assert/strict";
import { levelErrors } from "ldlab/report/level_errors.ts";

const levels = ["P4", "P5"];
const row = (name: string) => ({
  name,
  scores: [[1, 3], [4, 4]],
  boxes: [[20, 24], [10, 16]],
});

Deno.test("levelErrors() has a bar a student and level, with its deviation over seeds", () => {
  const { data, layout } = levelErrors([row("A"), row("B")], {
    levels,
    tested: "somewhere",
  });
  assert.deepEqual(
    data.map(({ name, xaxis, y }) => [name, xaxis, y]),
    [
      ["A", "x", [2, 4]],
      ["B", "x", [2, 4]],
      ["A", "x2", [22, 13]],
      ["B", "x2", [22, 13]],
    ],
  );
  // Of 1 and 3: √2; of 4 and 4: 0.
  const [{ error_y: { array, visible } }] = data as {
    error_y: { array: number[]; visible: boolean };
  }[];
  assert.ok(visible && Math.abs(array[0] - Math.SQRT2) < 1e-12);
  assert.equal(array[1], 0);
  assert.match(
    layout.title.subtitle.text,
    /^somewhere, .*; whiskers are deviations over seeds$/,
  );
});

Deno.test("levelErrors() shows no whiskers of one seed", () => {
  const one = { name: "A", scores: [[1]], boxes: [[2]] };
  const { data, layout } = levelErrors([one], { levels: ["P4"], tested: "" });
  assert.doesNotMatch(layout.title.subtitle.text, /whiskers/);
  assert.ok(
    data.every(({ error_y }) => !(error_y as { visible: boolean }).visible),
  );
});

Deno.test("levelErrors() refuses no students, too many, and missing levels", () => {
  const options = { levels, tested: "" };
  const seven = Array.from({ length: 7 }, () => row("A"));
  for (const rows of [[], seven, [{ ...row("A"), boxes: [[1]] }]]) {
    assert.throws(() => levelErrors(rows, options), {
      name: "RangeError",
      message: /there must be 1 to 6 students with an error for each of P4, P5/,
    });
  }
});
