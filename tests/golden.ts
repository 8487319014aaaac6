/**
 * Reads the golden vectors in tests/golden, made by running the reference
 * implementations (tests/golden/README.md), and compares with them.
 */
import assert from "node:assert/strict";
import { type HostTensor, readSafetensors } from "ldlab/train/safetensors.ts";

const folder = new URL("./golden/", import.meta.url);

/** A tensor of a golden JSON file. */
export interface GoldenTensor {
  shape: number[];
  dtype: string;
  data: number[];
}

/** One case of a golden JSON file. */
export interface GoldenCase {
  name: string;
  source: string;
  // deno-lint-ignore no-explicit-any
  inputs: any;
  // deno-lint-ignore no-explicit-any
  params: any;
  // deno-lint-ignore no-explicit-any
  outputs: any;
  // deno-lint-ignore no-explicit-any
  gradients: any;
  /** What the reference raised, in place of outputs. */
  error?: string;
  note?: string;
}

/**
 * The cases of a kind in `tests/golden/<name>.json`, of which there must be one;
 * NaN and infinities are numbers. Those whose name begins with `INFO_`, which are
 * not to be matched, are left out. Nothing else is known of the cases: how many
 * there are, their shapes and settings are read from the file.
 */
export async function goldenCases(
  name: string,
  ofKind: (one: GoldenCase) => boolean = () => true,
): Promise<GoldenCase[]> {
  const text = await Deno.readTextFile(new URL(`${name}.json`, folder));
  const special: Record<string, number> = {
    "NaN": NaN,
    "Infinity": Infinity,
    "-Infinity": -Infinity,
  };
  const { cases } = JSON.parse(
    text,
    (_key, value) =>
      typeof value === "string" && value in special ? special[value] : value,
  );
  const found = cases.filter((one: GoldenCase) =>
    !one.name.startsWith("INFO_") && ofKind(one)
  );
  assert.ok(found.length > 0, `${name}.json has no case of the kind`);
  return found;
}

/** The tensors of `tests/golden/<name>.safetensors`. */
export async function goldenTensors(
  name: string,
): Promise<Map<string, HostTensor>> {
  const bytes = await Deno.readFile(new URL(`${name}.safetensors`, folder));
  return readSafetensors(bytes, name).tensors;
}

/** How far a value may be from the expected one. */
export interface Tolerance {
  /** Relative to each expected value. */
  relative?: number;
  /** Relative to the largest magnitude of all expected values. */
  ofLargest?: number;
  absolute?: number;
}

/** Fails unless `actual` equals `expected` within the sum of the tolerances. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, ofLargest = 0, absolute = 0 }: Tolerance,
  what = "values",
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) {
      largest = Math.max(largest, Math.abs(expected[i]));
    }
  }
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    if (Object.is(a, e) || a === e) continue;
    const allowed = absolute + relative * Math.abs(e) + ofLargest * largest;
    const over = Math.abs(a - e) - allowed;
    if (!(over <= 0) && (worst < 0 || over > excess || Number.isNaN(over))) {
      worst = i;
      excess = over;
    }
  }
  assert.ok(
    worst < 0,
    `${what}: value ${worst} of ${expected.length} is ${actual[worst]}, ` +
      `expected ${expected[worst]} (largest magnitude ${largest})`,
  );
}
