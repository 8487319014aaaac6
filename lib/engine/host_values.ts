import type { CApi, Pointer } from "./c_api.ts";
import { elementBytes, elementCount, TF } from "./data_types.ts";

/** Values of a tensor on the host. Strings are their bytes. */
export type HostValues =
  | Float32Array
  | Int32Array
  | Uint8Array
  | readonly Uint8Array[];

/** Bytes of TensorFlow's string object, `TF_TString`. */
const STRING_BYTES = 24;

/**
 * Makes a `TF_Tensor` of host values, and deletes it after use.
 *
 * Strings are views of memory that is valid during `use` only: TensorFlow never
 * frees what strings in a tensor from outside own.
 *
 * @param values As many elements as `shape` says. For int64: their bytes, as
 * pairs of 32-bit words.
 * @param use What to do with the tensor, at once.
 */
export function withNative<T>(
  api: CApi,
  dtype: number,
  shape: readonly number[],
  values: HostValues,
  use: (tensor: Pointer) => T,
): T {
  const count = elementCount(shape);
  const width = dtype === TF.STRING ? STRING_BYTES : elementBytes(dtype);
  const bytes = count * width;
  if (dtype !== TF.STRING && (values as Uint8Array).byteLength !== bytes) {
    throw new TypeError(
      `Cannot make tensor: shape [${shape}] needs ${bytes} bytes, the values ` +
        `have ${(values as Uint8Array).byteLength}`,
    );
  }
  const tensor = allocate(api, dtype, shape, bytes);
  let text: Pointer | null = null;
  try {
    if (count > 0) {
      const data = api.TF_TensorData(tensor)!;
      if (dtype === TF.STRING) {
        text = viewStrings(api, data, values as readonly Uint8Array[]);
      } else {
        const view = values as Uint8Array;
        new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, bytes))
          .set(new Uint8Array(view.buffer, view.byteOffset, bytes));
      }
    }
    return use(tensor);
  } finally {
    api.TF_DeleteTensor(tensor);
    if (text !== null) api.TF_DeleteTensor(text);
  }
}

function allocate(
  api: CApi,
  dtype: number,
  shape: readonly number[],
  bytes: number,
): Pointer {
  const dims = new BigInt64Array(Math.max(shape.length, 1));
  for (let i = 0; i < shape.length; i++) dims[i] = BigInt(shape[i]);
  const tensor = api.TF_AllocateTensor(
    dtype,
    dims,
    shape.length,
    BigInt(bytes),
  );
  if (tensor === null) {
    throw new Error(
      `Cannot make tensor: no memory for shape [${shape}], ${bytes} bytes`,
    );
  }
  return tensor;
}

/** Makes the string objects at `data` views of the bytes in the tensor it returns. */
function viewStrings(
  api: CApi,
  data: Pointer,
  strings: readonly Uint8Array[],
): Pointer {
  const total = strings.reduce((sum, { length }) => sum + length, 0);
  const size = Math.max(total, 1);
  const text = allocate(api, TF.UINT8, [size], size);
  const start = api.TF_TensorData(text)!;
  const bytes = new Uint8Array(
    Deno.UnsafePointerView.getArrayBuffer(start, size),
  );
  let at = 0;
  strings.forEach((string, i) => {
    bytes.set(string, at);
    const object = Deno.UnsafePointer.offset(data, i * STRING_BYTES);
    api.TF_StringInit(object);
    api.TF_StringAssignView(
      object,
      Deno.UnsafePointer.offset(start, at),
      BigInt(string.length),
    );
    at += string.length;
  });
  return text;
}

/**
 * A copy of a `TF_Tensor`'s values. Int64 becomes int32, as tfjs has no int64.
 *
 * @throws {RangeError} If an int64 value does not fit.
 */
export function fromNative(
  api: CApi,
  dtype: number,
  tensor: Pointer,
): HostValues {
  const bytes = Number(api.TF_TensorByteSize(tensor));
  const data = api.TF_TensorData(tensor);
  if (dtype === TF.STRING) return strings(api, tensor, data);
  const copy = bytes === 0 || data === null
    ? new ArrayBuffer(0)
    : Deno.UnsafePointerView.getArrayBuffer(data, bytes).slice(0);
  switch (dtype) {
    case TF.FLOAT:
    case TF.COMPLEX64:
      return new Float32Array(copy);
    case TF.INT32:
      return new Int32Array(copy);
    case TF.INT64:
      return Int32Array.from(new BigInt64Array(copy), narrow);
    default:
      elementBytes(dtype); // refuses what the host cannot hold
      return new Uint8Array(copy);
  }
}

function narrow(value: bigint): number {
  const result = Number(value);
  if (result !== (result | 0)) {
    throw new RangeError(`Cannot read int64 value ${value} as an int32`);
  }
  return result;
}

function strings(
  api: CApi,
  tensor: Pointer,
  data: Deno.PointerValue,
): Uint8Array[] {
  const count = Number(api.TF_TensorElementCount(tensor));
  return Array.from({ length: count }, (_, i) => {
    const at = Deno.UnsafePointer.offset(data!, i * STRING_BYTES);
    const size = Number(api.TF_StringGetSize(at));
    if (size === 0) return new Uint8Array(0);
    const text = api.TF_StringGetDataPointer(at)!;
    return new Uint8Array(
      Deno.UnsafePointerView.getArrayBuffer(text, size).slice(0),
    );
  });
}

/**
 * Values as tfjs holds them, in the array type that TensorFlow's type needs.
 * Most are already.
 */
export function fromHost(
  dtype: number,
  values: ArrayLike<number> | readonly Uint8Array[],
): HostValues {
  switch (dtype) {
    case TF.FLOAT:
    case TF.COMPLEX64:
      return values instanceof Float32Array
        ? values
        : Float32Array.from(values as ArrayLike<number>);
    case TF.INT32:
    case TF.INT64:
      return values instanceof Int32Array
        ? values
        : Int32Array.from(values as ArrayLike<number>);
    case TF.STRING:
      return values as readonly Uint8Array[];
    default:
      return values instanceof Uint8Array
        ? values
        : Uint8Array.from(values as ArrayLike<number>);
  }
}
