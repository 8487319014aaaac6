import type { HostValues } from "../everywhere.ts";

/**
 * Labels as one number a class, as the losses take them: `values`, or 1, at the
 * label's class. The label C is background: a row of zeros.
 */
export function oneHot(
  labels: ArrayLike<number>,
  classes: number,
  values: ArrayLike<number> = Array.from(labels, () => 1),
): HostValues {
  const data = new Float32Array(labels.length * classes);
  Array.from(labels).forEach((c, row) => {
    if (c < classes) data[row * classes + c] = values[row];
  });
  return { shape: [labels.length, classes], data };
}
