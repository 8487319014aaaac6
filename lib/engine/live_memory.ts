import { elementCount, TF } from "./data_types.ts";

/** A tensor that is alive. */
export interface LiveTensor {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** What it is called, if it has a name. */
  readonly name?: string;
}

/** How many of the largest tensors are named. */
const NAMED = 5;

const TYPES: Record<number, { name: string; bytes: number }> = {
  [TF.FLOAT]: { name: "float32", bytes: 4 },
  [TF.BFLOAT16]: { name: "bfloat16", bytes: 2 },
  [TF.INT32]: { name: "int32", bytes: 4 },
  [TF.INT64]: { name: "int64", bytes: 8 },
  [TF.COMPLEX64]: { name: "complex64", bytes: 8 },
  [TF.BOOL]: { name: "bool", bytes: 1 },
  [TF.UINT8]: { name: "uint8", bytes: 1 },
};

/**
 * Says what holds memory: how many tensors hold how much, and the largest five.
 * Strings and the like count as nothing.
 *
 * @param tensors All that are alive.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeLiveMemory } from "ldlab/engine/live_memory.ts";
 *
 * assert.equal(
 *   describeLiveMemory([{ dtype: 1, shape: [256, 1024], name: "weights" }]),
 *   "1 tensor holds 1.0 MiB, the largest: weights float32 [256,1024] 1.0 MiB",
 * );
 * ```
 */
export function describeLiveMemory(tensors: Iterable<LiveTensor>): string {
  const sized = [...tensors].map((tensor) => {
    const { bytes = 0, name = `type ${tensor.dtype}` } = TYPES[tensor.dtype] ??
      {};
    return { ...tensor, type: name, bytes: bytes * elementCount(tensor.shape) };
  }).sort((a, b) => b.bytes - a.bytes);
  const total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sized.slice(0, NAMED).map(({ name, type, shape, bytes }) =>
    `${name === undefined ? "" : `${name} `}${type} [${shape}] ${amount(bytes)}`
  );
  if (sized.length === 0) return "no other tensor is alive";
  const subject = sized.length === 1
    ? "1 tensor holds"
    : `${sized.length} tensors hold`;
  return `${subject} ${amount(total)}, the largest: ${largest.join(", ")}`;
}

function amount(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const power = Math.min(
    Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)),
    units.length - 1,
  );
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
