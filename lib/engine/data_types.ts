/** TensorFlow's numbers for element types (`TF_DataType` in tf_datatype.h). */
export const TF = {
  FLOAT: 1,
  UINT8: 4,
  INT32: 3,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  RESOURCE: 20,
} as const;

const WIDTHS: Record<number, number> = {
  [TF.FLOAT]: 4,
  [TF.UINT8]: 1,
  [TF.INT32]: 4,
  [TF.COMPLEX64]: 8,
  [TF.INT64]: 8,
  [TF.BOOL]: 1,
};

/**
 * Bytes of one element.
 *
 * @throws {TypeError} For types the host cannot hold.
 */
export function elementBytes(dtype: number): number {
  const width = WIDTHS[dtype];
  if (width === undefined) {
    throw new TypeError(
      `Cannot move values of TensorFlow type ${dtype} between TensorFlow and ` +
        `the host: supported are float32, int32, int64, uint8, bool, complex64 ` +
        `and string`,
    );
  }
  return width;
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}
