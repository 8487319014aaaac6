import { ELEMENT_TYPES } from "./element_types.ts";
import { latin1Bytes } from "./latin1.ts";
import type { PickleState } from "./pickle_name.ts";

const KINDS = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  u1: "uint8",
  b1: "bool",
} as const;

/** The type of a NumPy scalar in a pickle. */
export class NumpyType implements PickleState {
  readonly #kind: (typeof KINDS)[keyof typeof KINDS];

  /** @param code As NumPy pickles it: `f8`; others than numbers are refused. */
  constructor(code: unknown) {
    if (typeof code !== "string" || !Object.hasOwn(KINDS, code)) {
      throw new TypeError(`it must be one of ${Object.keys(KINDS).join(", ")}`);
    }
    this.#kind = KINDS[code as keyof typeof KINDS];
  }

  /** The second of NumPy's state is the byte order. */
  setState(state: unknown): void {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (order !== "<" && order !== "|") {
      throw new TypeError("a type's byte order must be little-endian");
    }
  }

  /** The number that bytes, or Latin-1 text of them, are. */
  scalar(bytes: unknown): number {
    const raw = typeof bytes === "string" ? latin1Bytes(bytes) : bytes;
    const { width, read } = ELEMENT_TYPES[this.#kind];
    if (!(raw instanceof Uint8Array) || raw.length !== width) {
      throw new TypeError(
        `a scalar of type ${this.#kind} must have ${width} bytes`,
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
