import type { HostTensor } from "./safetensors.ts";

/** How a kind of element lies in a file, and what it becomes on the host. */
export interface ElementType {
  /** Bytes of one element. */
  readonly width: number;
  readonly dtype: HostTensor["dtype"];
  /** The element at a place in little-endian bytes. */
  readonly read: (view: DataView, at: number) => number;
}

/**
 * The kinds of elements that weight files hold, by PyTorch's names. Floats
 * become float32: half floats exactly, doubles rounded. Integers of 64 bits
 * become int32, which they must fit. Booleans become 0 and 1.
 */
export const ELEMENT_TYPES = {
  float32: floats(4, (view, at) => view.getFloat32(at, true)),
  float64: floats(8, (view, at) => view.getFloat64(at, true)),
  float16: floats(2, (view, at) => view.getFloat16(at, true)),
  bfloat16: floats(2, (view, at) => bfloat16(view.getUint16(at, true))),
  int64: {
    width: 8,
    dtype: "int32",
    read: (view, at) => Number(view.getBigInt64(at, true)),
  },
  int32: {
    width: 4,
    dtype: "int32",
    read: (view, at) => view.getInt32(at, true),
  },
  uint8: { width: 1, dtype: "uint8", read: (view, at) => view.getUint8(at) },
  bool: {
    width: 1,
    dtype: "uint8",
    read: (view, at) => view.getUint8(at) === 0 ? 0 : 1,
  },
} as const satisfies Record<string, ElementType>;

/** Name of a kind of element. */
export type ElementKind = keyof typeof ELEMENT_TYPES;

function floats(width: number, read: ElementType["read"]): ElementType {
  return { width, dtype: "float32", read };
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32's bits. */
function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/**
 * Elements that lie anywhere in some bytes, row by row.
 *
 * @param kind What they are.
 * @param bytes Little-endian, of whole elements.
 * @param layout The first element, how many there are along each axis and how
 * far apart, in elements; all of them inside of the bytes.
 * @returns The elements, a copy.
 * @throws {RangeError} If an integer does not fit int32.
 */
export function readElements(
  kind: ElementKind,
  bytes: Uint8Array,
  { offset, shape, strides }: {
    readonly offset: number;
    readonly shape: readonly number[];
    readonly strides: readonly number[];
  },
): Float32Array | Int32Array | Uint8Array {
  const type: ElementType = ELEMENT_TYPES[kind];
  const count = shape.reduce((product, length) => product * length, 1);
  const data = {
    float32: Float32Array,
    int32: Int32Array,
    uint8: Uint8Array,
  }[type.dtype];
  if (kind === type.dtype && isContiguous(shape, strides)) {
    const from = offset * type.width;
    return new data(bytes.slice(from, from + count * type.width).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const elements = new data(count);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    const value = type.read(view, at * type.width);
    elements[i] = value;
    if (type.dtype === "int32" && elements[i] !== value) {
      throw new RangeError(`it holds ${value}, which is no 32-bit integer`);
    }
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return elements;
}

/** Whether a tensor lies row by row, without gaps. */
function isContiguous(
  shape: readonly number[],
  strides: readonly number[],
): boolean {
  const expected = rowMajorStrides(shape);
  return shape.every((length, axis) =>
    length === 1 || strides[axis] === expected[axis]
  );
}

/**
 * Strides of a tensor that lies row by row, without gaps.
 *
 * @param shape Length of each axis.
 * @returns How many elements apart neighbours along each axis are.
 */
export function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * length, 1)
  );
}
