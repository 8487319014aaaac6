/**
 * How many logits each anchor has in two networks that are to be compared.
 *
 * Use it at the door of a comparison of teacher and student.
 *
 * @param task What cannot be done otherwise, as in "compare box logits".
 * @param what The logits, as in "class logits".
 * @param options.student `[A, k]`, of one image.
 * @param options.teacher `[A, k]`, of the same image.
 * @param options.count A, the number of anchors.
 * @param options.multipleOf k must be a multiple of it; 4 for box logits.
 * @returns k.
 * @throws {TypeError} If the lengths differ or do not fit the anchors.
 */
export function logitsPerAnchor(
  task: string,
  what: string,
  { student, teacher, count, multipleOf = 1 }: {
    student: ArrayLike<number>;
    teacher: ArrayLike<number>;
    count: number;
    multipleOf?: number;
  },
): number {
  const each = student.length / count;
  const fits = each > 0 && Number.isInteger(each / multipleOf);
  if (fits && teacher.length === student.length) return each;
  const shape = multipleOf === 1 ? "C" : `${multipleOf}, n`;
  throw new TypeError(
    `Cannot ${task}: ${what} of both networks must be [${count}, ${shape}], of ` +
      `one image: current lengths are ${student.length} of the student and ` +
      `${teacher.length} of the teacher`,
  );
}
