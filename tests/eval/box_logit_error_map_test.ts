import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { boxLogitErrorMap } from "ldlab/eval/box_logit_error_map.ts";
import { rows, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

const anchors = makeAnchors({ height: 16, width: 24, strides: [8, 16] });
const n = 17;
const student = wave(anchors.count * 4 * n, 5, 1);
const teacher = wave(anchors.count * 4 * n, 5, 2);

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

Deno.test("boxLogitErrorMap() adds up the 4n differences of each location", () => {
  const cells = rows(teacher.map((z, i) => z - student[i]), 4 * n);
  const expected = cells.map((cell) => sum(cell.map(Math.abs)));
  const maps = boxLogitErrorMap(student, teacher, { anchors });
  assert.deepEqual(
    maps.map(({ stride, height, width }) => [stride, height, width]),
    [[8, 2, 3], [16, 1, 2]],
  );
  const errors = maps.flatMap(({ errors }) => [...errors]);
  assertClose(errors, expected, { relative: 1e-6 }); // expected is of float32
});

Deno.test("boxLogitErrorMap() takes an offset of logits for an error, unless centred", () => {
  const shifted = teacher.map((z) => z + 0.5);
  const [raw] = boxLogitErrorMap(teacher, shifted, { anchors });
  assertClose(raw.errors, Array(6).fill(4 * n / 2), { relative: 1e-6 });
  const options = { anchors, centered: true };
  const [centered] = boxLogitErrorMap(teacher, shifted, options);
  assertClose(centered.errors, Array(6).fill(0), { absolute: 1e-4 });
  // What a softmax can tell stays: equal with and without an offset.
  const [one] = boxLogitErrorMap(student, teacher, options);
  const [two] = boxLogitErrorMap(student, shifted, options);
  assertClose(one.errors, two.errors, { relative: 1e-5 });
  // By hand: differences 3, 1, 1, -1 less their mean 1 of each edge.
  const cell = makeAnchors({ height: 8, width: 8, strides: [8] });
  const edges = [3, 1, 1, -1, ...Array(12).fill(0)];
  const [{ errors }] = boxLogitErrorMap(Array(16).fill(0), edges, {
    anchors: cell,
    centered: true,
  });
  assert.deepEqual([...errors], [4]);
});

Deno.test("boxLogitErrorMap() is zero when the networks are equal", () => {
  for (const centered of [false, true]) {
    const maps = boxLogitErrorMap(teacher, teacher, { anchors, centered });
    assert.ok(maps.every(({ errors }) => errors.every((e) => e === 0)));
  }
});

Deno.test("boxLogitErrorMap() rejects lengths that do not fit the anchors", () => {
  for (const wrong of [[], [1], new Float32Array(anchors.count * 6)]) {
    assert.throws(() => boxLogitErrorMap(wrong, wrong, { anchors }), {
      name: "TypeError",
      message: /box logits of both networks must be \[8, 4, n\], of one image/,
    });
  }
});
