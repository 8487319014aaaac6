import assert from "node:assert/strict";
import { createHash } from "node:crypto";

type Numbers = Float32Array | Int32Array | Uint8Array;

type Tensors = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Numbers }
>;

/** The SHA-256 of an array's bits. */
export function hashOf(numbers: Numbers): string {
  return createHash("sha256").update(numbers).digest("hex");
}

/** The SHA-256 of each tensor's shape and bits, by its name. */
export function tensorHashes(tensors: Tensors): Map<string, string> {
  return new Map(
    Array.from(tensors, ([name, { shape, data }]) => [
      name,
      `[${shape}] ${hashOf(data)}`,
    ]),
  );
}

/**
 * Fails where tensors are not the same, bit for bit, and says which in a line: the
 * text of all numbers that `assert.deepEqual` makes would have no end.
 *
 * @param where What the message begins with.
 */
export function assertSameTensors(
  actual: Tensors,
  expected: Tensors,
  where = "tensors",
): void {
  const [ours, theirs] = [tensorHashes(actual), tensorHashes(expected)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  const other = names.filter((name) => ours.get(name) !== theirs.get(name));
  assert.ok(
    other.length === 0,
    `${where}: ${other.length} of ${names.length} differ, first '${other[0]}'`,
  );
}
