import {
  ELEMENT_TYPES,
  readElements,
  rowMajorStrides,
} from "./element_types.ts";
import { latin1Bytes } from "./latin1.ts";
import type { PickleState } from "./pickle_name.ts";
import type { HostTensor } from "./safetensors.ts";

const KINDS = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  u1: "uint8",
  b1: "bool",
} as const;

/** The type of NumPy values in a pickle. */
export class NumpyType implements PickleState {
  readonly kind: (typeof KINDS)[keyof typeof KINDS];

  /** @param code As NumPy pickles it: `f8`; others than numbers are refused. */
  constructor(code: unknown) {
    if (typeof code !== "string" || !Object.hasOwn(KINDS, code)) {
      throw new TypeError(`it must be one of ${Object.keys(KINDS).join(", ")}`);
    }
    this.kind = KINDS[code as keyof typeof KINDS];
  }

  /** The second of NumPy's state is the byte order. */
  setState(state: unknown): void {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (order !== "<" && order !== "|") {
      throw new TypeError("a type's byte order must be little-endian");
    }
  }

  /** The bytes of some elements, given as they are or as Latin-1 text. */
  bytes(given: unknown, count: number): Uint8Array {
    const raw = typeof given === "string" ? latin1Bytes(given) : given;
    const length = count * ELEMENT_TYPES[this.kind].width;
    if (!(raw instanceof Uint8Array) || raw.length !== length) {
      throw new TypeError(
        `${count} values of type ${this.kind} must have ${length} bytes`,
      );
    }
    return raw;
  }

  /** The number that bytes, or Latin-1 text of them, are. */
  scalar(bytes: unknown): number {
    const raw = typeof bytes === "string" ? latin1Bytes(bytes) : bytes;
    const { width, read } = ELEMENT_TYPES[this.kind];
    if (!(raw instanceof Uint8Array) || raw.length !== width) {
      throw new TypeError(
        `a scalar of type ${this.kind} must have ${width} bytes`,
      );
    }
    return read(new DataView(raw.buffer, raw.byteOffset, width), 0);
  }
}

/**
 * What NumPy's `scalar` makes of a type and bytes.
 *
 * @throws {TypeError} If they are not.
 */
export function numpyScalar(type: unknown, bytes: unknown): number {
  if (!(type instanceof NumpyType)) throw new TypeError("its type is none");
  return type.scalar(bytes);
}

/** A NumPy array of a pickle; it has elements once it has its state. */
export class NumpyArray implements HostTensor, PickleState {
  shape: readonly number[] = [0];
  dtype: HostTensor["dtype"] = "float32";
  data: HostTensor["data"] = new Float32Array();

  /** Takes version, shape, type, whether columns come first, and elements. */
  setState(state: unknown): void {
    const [, shape, type, byColumns, elements] = Array.isArray(state)
      ? state
      : [];
    if (
      !Array.isArray(shape) || shape.length > 64 ||
      !shape.every((length) => Number.isSafeInteger(length) && length >= 0) ||
      !(type instanceof NumpyType)
    ) {
      throw new TypeError("its state is not a shape, a type and elements");
    }
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes = type.bytes(elements, count);
    const strides = byColumns === true
      ? rowMajorStrides(shape.toReversed()).reverse()
      : rowMajorStrides(shape);
    this.shape = shape;
    this.dtype = ELEMENT_TYPES[type.kind].dtype;
    try {
      this.data = readElements(type.kind, bytes, { offset: 0, shape, strides });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TypeError(error.message);
    }
  }
}
