/** Plain data: what JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/**
 * JSON with sorted keys: equal data gives equal text, however it was built. Use
 * it to compare or to hash configurations.
 *
 * @param value Plain data; a member whose value is `undefined` is left out.
 * @returns The text, without white space.
 * @throws {RangeError} If a number is NaN or infinite: JSON has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { canonicalJson } from "ldlab/train/canonical_json.ts";
 *
 * assert.equal(canonicalJson({ b: [1, "x"], a: null }), '{"a":null,"b":[1,"x"]}');
 * ```
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError(
      `Cannot write as JSON: numbers must be finite: current value is ${value}`,
    );
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson)}]`;
  const members = Object.entries(value as Record<string, Json | undefined>)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) =>
      `${JSON.stringify(key)}:${canonicalJson(member as Json)}`
    );
  return `{${members}}`;
}

/**
 * Where two pieces of plain data first differ, for an error message.
 *
 * @param a One.
 * @param b The other.
 * @param path Put before the path, for example "config".
 * @returns For example "config.loss.temperature is 10, was 5", or undefined if
 * both are equal. `a` is "is", `b` is "was".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { firstDifference } from "ldlab/train/canonical_json.ts";
 *
 * assert.equal(
 *   firstDifference({ lr: 1, ld: { tau: 10 } }, { lr: 1, ld: { tau: 5 } }, "config"),
 *   "config.ld.tau is 10, was 5",
 * );
 * ```
 */
export function firstDifference(
  a: Json | undefined,
  b: Json | undefined,
  path: string,
): string | undefined {
  const text = (v?: Json) => v === undefined ? "missing" : canonicalJson(v);
  if (text(a) === text(b)) return undefined;
  const isTree = (v?: Json) => typeof v === "object" && v !== null;
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    const [left, right] = [a, b] as Record<string, Json | undefined>[];
    for (const key of [...Object.keys(left), ...Object.keys(right)].sort()) {
      const found = firstDifference(left[key], right[key], `${path}.${key}`);
      if (found) return found;
    }
  }
  return `${path} is ${text(a)}, was ${text(b)}`;
}
