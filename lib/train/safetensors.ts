import {
  ELEMENT_TYPES,
  readElements,
  rowMajorStrides,
} from "./element_types.ts";
import { readSafetensorsHeader } from "./safetensors_header.ts";

/** A tensor on the host: row-major `data`, as many values as `shape` says. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "uint8";
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Record<string, string>;
}

const CODES = { float32: "F32", int32: "I32", uint8: "U8" } as const;

/**
 * Reads a safetensors file: a JSON header with names, types, shapes and byte
 * ranges, then the bytes. PyTorch and MMDetection weights come in this format.
 *
 * Float16, bfloat16 and float64 become float32 (doubles rounded), int64 becomes
 * int32, booleans become uint8.
 *
 * @param bytes The whole file.
 * @param source Named in errors, for example the file's path.
 * @returns The tensors by name, in the order of their bytes, and the file's
 * metadata.
 * @throws {SyntaxError} If the header does not fit the format: names that are
 * there twice, ranges that overlap, leave bytes out or do not fit the shape or
 * the file; or if an integer does not fit int32.
 * @see https://github.com/huggingface/safetensors
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSafetensors, writeSafetensors } from "ldlab/train/safetensors.ts";
 *
 * const scale = { shape: [2], dtype: "float32", data: new Float32Array([1, 2]) } as const;
 * const bytes = writeSafetensors(new Map([["scale", scale]]), { step: "7" });
 * const file = readSafetensors(bytes);
 * assert.deepEqual(file.tensors.get("scale"), scale);
 * assert.equal(file.metadata.step, "7");
 * ```
 */
export function readSafetensors(
  bytes: Uint8Array,
  source = "safetensors bytes",
): SafetensorsFile {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read ${source} as safetensors: ${why}`);
  const { entries, metadata, data } = readSafetensorsHeader(bytes, bad);
  const tensors = new Map<string, HostTensor>();
  for (const { name, kind, shape, from, to } of entries) {
    const { dtype } = ELEMENT_TYPES[kind];
    const layout = { offset: 0, shape, strides: rowMajorStrides(shape) };
    try {
      const elements = readElements(kind, data.subarray(from, to), layout);
      tensors.set(name, { shape, dtype, data: elements });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw bad(`tensor '${name}': ${error.message}`);
    }
  }
  return { tensors, metadata };
}

/**
 * Writes tensors as a safetensors file that PyTorch reads.
 *
 * @param tensors Host tensors by name; written in the map's order.
 * @param metadata Strings stored beside them.
 * @returns The bytes of the file.
 * @throws {TypeError} If a shape does not fit its data.
 * @throws {RangeError} If a tensor has the name `__metadata__`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeSafetensors } from "ldlab/train/safetensors.ts";
 *
 * const bias = { shape: [1], dtype: "float32", data: new Float32Array([0.5]) } as const;
 * const bytes = writeSafetensors(new Map([["bias", bias]]));
 * assert.equal(bytes.length % 4, 0);
 * assert.equal(new Float32Array(bytes.buffer).at(-1), 0.5);
 * ```
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const parts = safetensorsParts(tensors, metadata);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The parts of a safetensors file: its header, then the memory of each tensor
 * as it is, nothing copied.
 *
 * Use it to write a large file piece by piece, which leaves the event loop
 * free; {@linkcode writeSafetensors} gives small ones whole.
 *
 * @param tensors Host tensors by name; written in the map's order. Not to be
 * changed until the parts are used.
 * @param metadata Strings stored beside them.
 * @returns The parts, in the file's order.
 * @throws {TypeError} If a shape does not fit its data.
 * @throws {RangeError} If a tensor has the name `__metadata__`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSafetensors, safetensorsParts } from "ldlab/train/safetensors.ts";
 *
 * const bias = { shape: [1], dtype: "float32", data: new Float32Array([0.5]) } as const;
 * const [header, data] = safetensorsParts(new Map([["bias", bias]]));
 * assert.equal(data.buffer, bias.data.buffer);
 * const file = readSafetensors(Uint8Array.from([...header, ...data]));
 * assert.deepEqual(file.tensors.get("bias"), bias);
 * ```
 */
export function safetensorsParts(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  // Joined by hand: an object has an order of its own for names like "0".
  const fields = [`"__metadata__":${JSON.stringify(metadata)}`];
  let offset = 0;
  for (const [name, { shape, dtype, data }] of tensors) {
    const count = shape.reduce((product, length) => product * length, 1);
    if (count !== data.length) {
      throw new TypeError(
        `Cannot write safetensors: '${name}' of shape [${shape}] must have ` +
          `${count} values: current number is ${data.length}`,
      );
    }
    if (name === "__metadata__") {
      throw new RangeError(
        "Cannot write safetensors: no tensor may be called '__metadata__', " +
          "where the format keeps strings",
      );
    }
    const end = offset + data.byteLength;
    const entry = { dtype: CODES[dtype], shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  let json = `{${fields.join(",")}}`;
  // Data starts at a multiple of 8 bytes; the format pads with spaces.
  const text = new TextEncoder();
  while (text.encode(json).length % 8 !== 0) json += " ";
  const encoded = text.encode(json);
  const head = new Uint8Array(8 + encoded.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(encoded.length), true);
  head.set(encoded, 8);
  const data = [...tensors.values()].map(({ data }) =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  );
  return [head, ...data];
}
