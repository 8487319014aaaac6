/**
 * The name most like a wrong one, for errors about names.
 *
 * Use it where a list of names is given and one that is asked for is not there.
 * Likeness is the number of letters to insert, delete or replace, capitals and
 * small letters taken as equal.
 *
 * @param name The wrong name.
 * @param names Those that there are.
 * @returns The first of the nearest; undefined where all differ in more than
 * half of the letters of the longer name.
 * @see V. I. Levenshtein, Binary codes capable of correcting deletions,
 * insertions, and reversals, 1966.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nearestName } from "ldlab/data/nearest_name.ts";
 *
 * assert.equal(nearestName("Platelet", ["RBC", "Platelets"]), "Platelets");
 * assert.equal(nearestName("ship", ["RBC", "Platelets"]), undefined);
 * ```
 */
export function nearestName(
  name: string,
  names: readonly string[],
): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of names) {
    const edits = editDistance(wanted, candidate.toLowerCase());
    const most = Math.max(name.length, candidate.length) / 2;
    if (edits > most || edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
}

function editDistance(one: string, other: string): number {
  // Row i holds the distances of one's first i letters to all starts of other.
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = above[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1));
    }
  }
  return row[other.length];
}
