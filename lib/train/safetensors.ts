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
const WIDTHS: Record<string, number> = { F32: 4, I32: 4, U8: 1, I64: 8 };

/**
 * Reads a safetensors file: a JSON header with names, types, shapes and byte
 * ranges, then the bytes. PyTorch and MMDetection weights come in this format.
 *
 * @param bytes The whole file. 64-bit integers are narrowed to int32.
 * @param source Named in errors, for example the file's path.
 * @returns The tensors by name, in file order, and the file's metadata.
 * @throws {SyntaxError} If the header or a byte range does not fit the bytes.
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
  if (bytes.length < 8) throw bad(`only ${bytes.length} bytes long`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (start > bytes.length) {
    throw bad(`header of ${headerLength} bytes in a file of ${bytes.length}`);
  }
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  } catch (error) {
    throw bad(`the header is not JSON (${(error as Error).message})`);
  }
  const metadata = (header.__metadata__ ?? {}) as Record<string, string>;
  const tensors = new Map<string, HostTensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const entry = value as {
      dtype: string;
      shape: number[];
      data_offsets: [number, number];
    };
    const width = WIDTHS[entry.dtype];
    if (width === undefined) {
      throw bad(`tensor '${name}' has the unsupported type ${entry.dtype}`);
    }
    const [from, to] = entry.data_offsets;
    const size = entry.shape.reduce((a, b) => a * b, 1);
    if (to - from !== size * width || start + to > bytes.length) {
      throw bad(
        `tensor '${name}' of shape [${entry.shape}] has the byte range ` +
          `${from} to ${to}, the file has ${
            bytes.length - start
          } bytes of data`,
      );
    }
    const raw = bytes.slice(start + from, start + to);
    tensors.set(name, { shape: entry.shape, ...decode(entry.dtype, raw) });
  }
  return { tensors, metadata };
}

function decode(
  code: string,
  raw: Uint8Array<ArrayBuffer>,
): Pick<HostTensor, "dtype" | "data"> {
  switch (code) {
    case "F32":
      return { dtype: "float32", data: new Float32Array(raw.buffer) };
    case "I32":
      return { dtype: "int32", data: new Int32Array(raw.buffer) };
    case "I64":
      return {
        dtype: "int32",
        data: Int32Array.from(new BigInt64Array(raw.buffer), Number),
      };
    default:
      return { dtype: "uint8", data: raw };
  }
}

/**
 * Writes tensors as a safetensors file that PyTorch reads.
 *
 * @param tensors Host tensors by name; written in the map's order.
 * @param metadata Strings stored beside them.
 * @returns The bytes of the file.
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
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, dtype, data }] of tensors) {
    const end = offset + data.byteLength;
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [offset, end] };
    offset = end;
  }
  let json = JSON.stringify(header);
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
