import assert from "node:assert/strict";
import { nearestName } from "ldlab/data/nearest_name.ts";

Deno.test("nearestName() finds the name of the fewest edits", () => {
  const names = ["person", "cat", "cart", "dining table"];
  const cases: [string, string | undefined][] = [
    ["Person", "person"], // capitals count for nothing
    ["persn", "person"],
    ["prson ", "person"],
    ["cst", "cat"], // 1 to cat, 2 to cart
    ["crt", "cat"], // 1 to cat and 1 to cart: the first
    ["diningtable", "dining table"],
    ["zebra", undefined],
    ["", undefined],
  ];
  for (const [wrong, expected] of cases) {
    assert.equal(nearestName(wrong, names), expected, wrong);
  }
  assert.equal(nearestName("cat", []), undefined);
});
