import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { teacherStudentErrors } from "ldlab/eval/teacher_student_errors.ts";
import { logSoftmax, rows, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

const anchors = makeAnchors({ height: 16, width: 24, strides: [8, 16] });
const [A, C, n] = [anchors.count, 3, 5]; // 6 + 2 cells

/** What a network might say about an image. */
function logits(phase: number, scale = 3) {
  return {
    classLogits: wave(A * C, scale, phase),
    boxLogits: wave(A * 4 * n, scale, phase + 0.5),
  };
}

const abs = (a: number[], b: number[]) => a.map((x, i) => Math.abs(x - b[i]));
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** The errors of a cell, from the definition in float64. */
function cellErrors(
  student: ReturnType<typeof logits>,
  teacher: ReturnType<typeof logits>,
  cell: number,
  temperature: number,
) {
  const scores = [student, teacher].map(({ classLogits }) =>
    rows(classLogits, C)[cell].map((z) => (1 + Math.tanh(z / 2)) / 2) // sigmoid
  );
  const edges = [student, teacher].map(({ boxLogits }) =>
    rows(boxLogits, n).slice(cell * 4, cell * 4 + 4).flatMap((edge) =>
      logSoftmax(edge.map((z) => z / temperature)).map(Math.exp)
    )
  );
  return {
    scores: sum(abs(scores[0], scores[1])) / C,
    boxes: sum(abs(edges[0], edges[1])) / (4 * n),
  };
}

for (const temperature of [undefined, 0.1, 10, 100]) {
  Deno.test(`teacherStudentErrors() gives the means of the definition when τ is ${temperature ?? "left out"}`, () => {
    const images = [[logits(1), logits(2)], [logits(3), logits(4)]];
    const weights = [wave(A, 1, 5), wave(A, 1, 6)].map((w) => w.map(Math.abs));
    weights[0][2] = 0;
    const errors = teacherStudentErrors({ anchors, temperature });
    const plain = teacherStudentErrors({ anchors, temperature });
    for (const [i, [student, teacher]] of images.entries()) {
      errors.add(student, teacher, weights[i]);
      plain.add(student, teacher);
    }
    for (const [level, { start, count, stride }] of anchors.levels.entries()) {
      const cells = images.flatMap(([student, teacher], image) =>
        Array.from({ length: count }, (_, i) => ({
          weight: weights[image][start + i],
          ...cellErrors(student, teacher, start + i, temperature ?? 1),
        }))
      );
      const weighted = errors.mean()[level];
      const total = sum(cells.map(({ weight }) => weight));
      const of = (what: "scores" | "boxes") =>
        sum(cells.map((cell) => cell.weight * cell[what])) / total;
      const expected = [total, of("scores"), of("boxes")];
      assertClose(
        [weighted.weight, weighted.scores, weighted.boxes],
        expected,
        { relative: 1e-12 },
      );
      const even = plain.mean()[level];
      assert.deepEqual([even.stride, even.weight], [stride, 2 * count]);
      const mean = sum(cells.map(({ boxes }) => boxes)) / (2 * count);
      assertClose([even.boxes], [mean], { relative: 1e-12 });
    }
  });
}

Deno.test("teacherStudentErrors() is zero when the networks are equal, and where box logits differ by a constant", () => {
  const errors = teacherStudentErrors({ anchors });
  const { classLogits, boxLogits } = logits(1);
  errors.add({ classLogits, boxLogits }, { classLogits, boxLogits });
  errors.add({ classLogits, boxLogits }, {
    classLogits,
    boxLogits: boxLogits.map((z) => z + 7),
  });
  for (const { scores, boxes } of errors.mean()) {
    assert.equal(scores, 0);
    assert.ok(boxes < 1e-7);
  }
});

Deno.test("teacherStudentErrors() stays finite when logits are ±1e4", () => {
  const errors = teacherStudentErrors({ anchors, temperature: 0.1 });
  const sure = (sign: number) => ({
    classLogits: new Float32Array(A * C).fill(sign * 1e4),
    boxLogits: Float32Array.from(
      { length: A * 4 * n },
      (_, i) => i % n === 0 ? sign * 1e4 : 0,
    ),
  });
  errors.add(sure(-1), sure(1));
  // Scores 0 and 1; all on the first bin, and 1/4 on each of the other four.
  for (const { scores, boxes } of errors.mean()) {
    assertClose([scores, boxes], [1, 2 / n], { absolute: 1e-12 });
  }
});

Deno.test("teacherStudentErrors() looks at nothing where weights are 0", () => {
  const errors = teacherStudentErrors({ anchors });
  const broken = logits(1);
  broken.classLogits.fill(NaN, 0, 6 * C);
  broken.boxLogits.fill(NaN, 0, 6 * 4 * n);
  errors.add(broken, logits(2), [0, 0, 0, 0, 0, 0, 1, 1]);
  const [first, second] = errors.mean();
  assert.equal(first.weight, 0);
  assert.ok(Number.isNaN(first.scores) && Number.isNaN(first.boxes));
  assert.ok(second.scores > 0 && second.boxes > 0);
});

Deno.test("teacherStudentErrors() has means of nothing when there are no images", () => {
  for (
    const { scores, boxes, weight } of teacherStudentErrors({ anchors }).mean()
  ) {
    assert.deepEqual([scores, boxes, weight], [NaN, NaN, 0]);
  }
});

Deno.test("teacherStudentErrors() rejects what does not fit", () => {
  const errors = teacherStudentErrors({ anchors });
  const [student, teacher] = [logits(1), logits(2)];
  const short = { ...teacher, boxLogits: teacher.boxLogits.subarray(1) };
  assert.throws(() => errors.add(student, short), {
    name: "TypeError",
    message:
      "Cannot compare teacher and student: box logits of both networks " +
      "must be [8, 4, n], of one image: current lengths are 160 of the " +
      "student and 159 of the teacher",
  });
  const none = { ...student, classLogits: new Float32Array() };
  assert.throws(() => errors.add(none, none), TypeError);
  assert.throws(() => errors.add(student, teacher, [1]), TypeError);
  for (const value of [-1, NaN, Infinity]) {
    const weights = new Float32Array(A).fill(value);
    assert.throws(() => errors.add(student, teacher, weights), RangeError);
  }
  assert.throws(
    () => teacherStudentErrors({ anchors, temperature: 0 }),
    RangeError,
  );
});
