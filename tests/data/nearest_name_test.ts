import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, nearestName } from "ldlab/data/nearest_name.ts";

Deno.test("editDistance() counts insertions, deletions, replacements and swaps", () => {
  for (
    // By hand; the last is where no letter may be edited twice: without that
    // rule a swap and an insertion between would do (Boytsov, 2011).
    const [a, b, edits] of [
      ["", "", 0],
      ["", "abc", 3],
      ["kitten", "sitting", 3],
      ["saturday", "sunday", 3],
      ["depth", "dpeth", 1],
      ["milestones", "milestone", 1],
      ["ab", "ba", 1],
      ["ca", "abc", 3],
    ] as const
  ) {
    assert.equal(editDistance(a, b), edits, `${a} ${b}`);
  }
});

Deno.test("editDistance() is symmetric, 0 for equal words only, and bounded by the lengths", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "b", "c"),
    maxLength: 8,
  });
  fc.assert(fc.property(word, word, (a, b) => {
    const edits = editDistance(a, b);
    assert.equal(edits, editDistance(b, a));
    assert.equal(edits === 0, a === b);
    assert.ok(edits >= Math.abs(a.length - b.length));
    assert.ok(edits <= Math.max(a.length, b.length));
  }));
});

Deno.test("editDistance() of one edit is 1", () => {
  const word = fc.string({ minLength: 2, maxLength: 8 });
  fc.assert(fc.property(word, fc.nat(), (a, place) => {
    const at = place % (a.length - 1);
    const [left, right] = [a.slice(0, at), a.slice(at + 1)];
    const swapped = left + a[at + 1] + a[at] + a.slice(at + 2);
    assert.equal(editDistance(a, left + right), 1);
    assert.equal(editDistance(a, `${left}é${a.slice(at)}`), 1);
    assert.equal(editDistance(a, `${left}é${right}`), 1);
    assert.equal(editDistance(a, swapped), swapped === a ? 0 : 1);
  }));
});

Deno.test("nearestName() takes the fewest edits, the first of equals, any case, and nothing far off", () => {
  const names = ["learningRate", "weightDecay", "kd", "ld"];
  assert.equal(nearestName("learningrate", names), "learningRate");
  assert.equal(nearestName("weigthDecay", names), "weightDecay");
  assert.equal(nearestName("xd", names), "kd");
  assert.equal(nearestName("ldd", names), "ld");
  assert.equal(nearestName("momentum", names), undefined);
  assert.equal(nearestName("9", ["1", "2"]), undefined);
  assert.equal(nearestName("ld", []), undefined);
});
