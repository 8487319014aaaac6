import { ELEMENT_TYPES, type ElementKind } from "./element_types.ts";

/** A tensor as the header describes it. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly kind: ElementKind;
  readonly shape: readonly number[];
  /** Its first byte, from where the data begin. */
  readonly from: number;
  /** The first byte behind it. */
  readonly to: number;
}

/** What a header says, all of it checked. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Record<string, string>;
  /** The bytes behind the header, a view. */
  readonly data: Uint8Array;
}

const KINDS: Record<string, ElementKind> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F64: "float64",
  I64: "int64",
  I32: "int32",
  U8: "uint8",
  BOOL: "bool",
};
/** What the format's own reader takes at most, in bytes. */
const LONGEST_HEADER = 100_000_000;

type Bad = (why: string) => Error;

/**
 * Reads the header of a safetensors file and holds it to the format's rules:
 * every byte of the data belongs to one tensor.
 *
 * @param bytes The whole file.
 * @param bad Makes the error.
 * @returns The tensors, the metadata and the data.
 */
export function readSafetensorsHeader(
  bytes: Uint8Array,
  bad: Bad,
): SafetensorsHeader {
  if (bytes.length < 8) throw bad(`only ${bytes.length} bytes long`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(bytes.length - 8, LONGEST_HEADER)) {
    throw bad(
      `header of ${length} bytes in a file of ${bytes.length}; at most ` +
        `${LONGEST_HEADER} are read`,
    );
  }
  const header = parse(bytes.subarray(8, 8 + length), bad);
  const data = bytes.subarray(8 + length);
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isObject(metadata) || !Object.values(metadata).every(isText)) {
    throw bad("its '__metadata__' are not strings by name");
  }
  const entries = Object.entries(rest).map(([name, value]) =>
    readEntry(name, value, bad)
  ).sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) {
      throw bad(
        `tensor '${name}' begins at byte ${from} of the data, the one before ` +
          `ends at ${end}`,
      );
    }
    end = to;
  }
  if (end !== data.length) {
    throw bad(
      `its tensors end at byte ${end} of the data, the file has ${data.length}`,
    );
  }
  return { entries, metadata: metadata as Record<string, string>, data };
}

function readEntry(name: string, value: unknown, bad: Bad): SafetensorsEntry {
  const { dtype, shape, data_offsets: range } = isObject(value) ? value : {};
  const kind = typeof dtype === "string" && Object.hasOwn(KINDS, dtype)
    ? KINDS[dtype]
    : undefined;
  if (kind === undefined) {
    throw bad(
      `tensor '${name}' has the type ${JSON.stringify(dtype)}, this reads ` +
        Object.keys(KINDS).join(", "),
    );
  }
  if (!areSizes(shape) || !areSizes(range) || range.length !== 2) {
    throw bad(`tensor '${name}' has no shape and byte range of whole numbers`);
  }
  const [from, to] = range;
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (to - from !== count * ELEMENT_TYPES[kind].width) {
    throw bad(
      `tensor '${name}' of shape [${shape}] and type ${dtype} has the byte ` +
        `range ${from} to ${to}`,
    );
  }
  return { name, kind, shape, from, to };
}

function parse(bytes: Uint8Array, bad: Bad): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw bad(`the header is not JSON (${(error as Error).message})`);
  }
  if (!isObject(header)) throw bad("the header is no JSON object");
  const twice = repeatedKey(text);
  if (twice !== undefined) throw bad(`the header has '${twice}' twice`);
  return header;
}

/** A key that an object of valid JSON has twice, which parsing hides. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  // Strings, the colon that makes one a key, and what opens and closes.
  const tokens = /("(?:[^"\\]|\\.)*")\s*(:?)|[{}]/g;
  for (const [token, text, colon] of json.matchAll(tokens)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon) {
      const key = JSON.parse(text);
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((one) => Number.isSafeInteger(one) && one >= 0);
}
