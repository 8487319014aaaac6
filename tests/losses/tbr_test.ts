import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  teacherBoundedRegression,
  type TeacherBoundedRegressionOptions,
} from "ldlab/losses/tbr.ts";
import { giouLoss } from "ldlab/losses/giou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;
const tbr =
  (options?: TeacherBoundedRegressionOptions) =>
  ({ student, teacher, target }: Tensors) =>
    teacherBoundedRegression(student, teacher, target, options);

/** A square of side 2 whose right side is off by each of some numbers. */
const off = (by: number[]) => ({
  shape: [by.length, 4],
  data: by.flatMap((d) => [0, 0, 2 + d, 2]),
});

Deno.test("teacherBoundedRegression() is 0 with no gradient once the student is better by ε", async () => {
  const given = {
    target: off([0, 0, 0, 0, 0]),
    teacher: off([1, 1, 1, 1, 1]),
    // Worse, as good, better by less than ε, by ε itself, and perfect.
    student: off([2, 1, 0.75, 0.5, 0]),
  };
  const found = await everywhere(tbr({ epsilon: 0.5 }), given, ["student"]);
  for (const [place, { value, gradients: { student } }] of found) {
    // By hand: all of a box lies in the other, so 1 - 4 / its area.
    assertClose(value, [0.5, 1 / 3, 3 / 11, 0, 0], { absolute: 1e-6 }, place);
    assert.ok(student.slice(3 * 4).every((g) => g === 0), place);
    assert.ok([2, 6, 10].every((right) => student[right] > 0), place);
  }
});

Deno.test("teacherBoundedRegression() of three equal boxes is 0 with no gradient", async () => {
  const boxes = { shape: [2, 4], data: [3, 4, 9, 7, -5, 2, 1e4, 8] };
  const given = { student: boxes, teacher: boxes, target: boxes };
  for (const [place, found] of await everywhere(tbr(), given, ["student"])) {
    assert.deepEqual([...found.value], [0, 0], place);
    assertClose(found.gradients.student, Array(8).fill(0), {}, place);
  }
});

Deno.test("teacherBoundedRegression() keeps its margin for boxes far from their target", async () => {
  // 0.1 is lost beside a squared distance of 2e8 in float32.
  const far = { shape: [1, 4], data: [1e4, 0, 10001, 1] };
  const target = { shape: [1, 4], data: [0, 0, 1, 1] };
  const given = { student: far, teacher: far, target };
  for (const distance of ["l2", "squared"] as const) {
    for (
      const [place, { value }] of await everywhere(tbr({ distance }), given)
    ) {
      // By hand: 1 - (0 - (10001 - 2) / 10001).
      assertClose(value, [2 - 2 / 10001], { relative: 1e-6 }, place);
    }
  }
});

Deno.test("teacherBoundedRegression() sends no gradient to the teacher", () => {
  const [student, teacher, target] = [2, 3, 4].map((side) =>
    tf.tensor2d([[0, 0, side, side]])
  );
  assert.throws(
    () =>
      tf.grad((teacher) => teacherBoundedRegression(student, teacher, target))(
        teacher,
      ),
    /gradient/,
  );
});

const edge = fc.integer({ min: -400, max: 400 }).map((n) => n / 8);
const side = fc.integer({ min: 0, max: 400 }).map((n) => n / 8);
const box = fc.tuple(edge, edge, side, side)
  .map(([x, y, w, h]) => [x, y, x + w, y + h]);
const margin = fc.integer({ min: 0, max: 64 }).map((n) => n / 16);
const trio = fc.record({ student: box, teacher: box, target: box });

/** On the pure JS backend, which answers at once. */
async function onHost(check: () => void) {
  await tf.setBackend("cpu");
  check();
}

function value(
  { student, teacher, target }: Record<
    "student" | "teacher" | "target",
    number[]
  >,
  options?: TeacherBoundedRegressionOptions,
): number {
  return tf.tidy(() =>
    teacherBoundedRegression(
      tf.tensor1d(student),
      tf.tensor1d(teacher),
      tf.tensor1d(target),
      options,
    ).dataSync()[0]
  );
}

Deno.test("teacherBoundedRegression() is the GIoU loss or 0, and a wider margin only brings more of it", () =>
  onHost(() => {
    fc.assert(
      fc.property(trio, margin, margin, (boxes, epsilon, more) => {
        const usual = tf.tidy(() =>
          giouLoss(tf.tensor1d(boxes.student), tf.tensor1d(boxes.target))
            .dataSync()[0]
        );
        const narrow = value(boxes, { epsilon });
        const wide = value(boxes, { epsilon: epsilon + more });
        assert.ok(
          [0, usual].includes(narrow) && [narrow, usual].includes(wide),
        );
      }),
      { seed: 1 },
    );
  }));

Deno.test("teacherBoundedRegression() of boxes in pixels is that in strides with ε in pixels", () =>
  onHost(() => {
    fc.assert(
      fc.property(trio, margin, (boxes, epsilon) => {
        const scale = (box: number[]) => box.map((edge) => edge * 8);
        const pixels = {
          student: scale(boxes.student),
          teacher: scale(boxes.teacher),
          target: scale(boxes.target),
        };
        for (const [distance, unit] of [["l2", 8], ["squared", 64]] as const) {
          const strides = value(boxes, { epsilon, distance });
          const scaled = value(pixels, { epsilon: epsilon * unit, distance });
          // Empty boxes are not invariant: an area is at least 1e-6.
          assert.ok(Math.abs(strides - scaled) < 1e-5);
        }
      }),
      { seed: 1 },
    );
  }));

Deno.test("teacherBoundedRegression() sees corners as it sees the distances of one location to the sides", () =>
  onHost(() => {
    fc.assert(
      fc.property(trio, edge, edge, (boxes, x, y) => {
        // Moved by the location, corners are distances but for signs.
        const moved = (box: number[]) =>
          box.map((edge, i) => edge - (i % 2 === 0 ? x : y));
        const local = {
          student: moved(boxes.student),
          teacher: moved(boxes.teacher),
          target: moved(boxes.target),
        };
        assert.ok(Math.abs(value(boxes) - value(local)) < 1e-5);
      }),
      { seed: 1 },
    );
  }));

Deno.test("teacherBoundedRegression() refuses other shapes, margins and distances", () => {
  const boxes = tf.zeros([2, 4]);
  assert.throws(
    () => teacherBoundedRegression(boxes, tf.zeros([4]), boxes),
    {
      name: "TypeError",
      message: "Cannot compute TBR: teacher boxes must be [2, 4] like the " +
        "student's: current shape is [4]",
    },
  );
  assert.throws(
    () => teacherBoundedRegression(boxes, boxes, tf.zeros([1, 4])),
    TypeError,
  );
  for (const epsilon of [-0.1, NaN, Infinity]) {
    assert.throws(
      () => teacherBoundedRegression(boxes, boxes, boxes, { epsilon }),
      {
        name: "RangeError",
        message: "Cannot compute TBR: epsilon must be a finite number, at " +
          `least 0: current value is ${epsilon}`,
      },
    );
  }
  const distance = "l1" as "l2";
  assert.throws(
    () => teacherBoundedRegression(boxes, boxes, boxes, { distance }),
    {
      name: "RangeError",
      message: 'Cannot compute TBR: distance must be "l2" or "squared": ' +
        'current value is "l1"',
    },
  );
});
