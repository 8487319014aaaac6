/**
 * The name that was meant by one that does not exist.
 *
 * Use it for the message that refuses a misspelt option or an unknown class.
 *
 * @param name What was typed; upper and lower case are the same.
 * @param names What there is.
 * @returns The name with the fewest edits, the first of equals; `undefined`
 * where all are further off than a third of the longer one's letters, or every
 * letter is another.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nearestName } from "ldlab/data/nearest_name.ts";
 *
 * assert.equal(nearestName("bakcbone", ["kind", "backbone"]), "backbone");
 * assert.equal(nearestName("colour", ["kind", "backbone"]), undefined);
 * ```
 */
export function nearestName(
  name: string,
  names: Iterable<string>,
): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const other of names) {
    const edits = editDistance(name.toLowerCase(), other.toLowerCase());
    const length = Math.max(name.length, other.length);
    const most = Math.min(Math.ceil(length / 3), length - 1);
    if (edits <= most && edits < fewest) [nearest, fewest] = [other, edits];
  }
  return nearest;
}

/**
 * The fewest letters to insert, leave out, replace or swap with their neighbour
 * that make one word of the other; no letter is edited twice (the optimal
 * string alignment distance).
 *
 * @returns 0 for equal words, at most the longer one's length.
 * @see Damerau, "A technique for computer detection and correction of spelling
 * errors" (1964).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { editDistance } from "ldlab/data/nearest_name.ts";
 *
 * assert.equal(editDistance("depth", "dpeth"), 1);
 * ```
 */
export function editDistance(a: string, b: string): number {
  // Rows i - 2, i - 1 and i of the distances of a's first i to b's first j.
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    [before, above] = [above, row];
  }
  return above[b.length];
}
