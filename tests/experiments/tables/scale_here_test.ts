import assert from "node:assert/strict";
import { fullWidth } from "experiments/tables/full_width.ts";
import { planTable } from "experiments/tables/plan_table.ts";
import { scaleCaveat } from "experiments/tables/scale_caveat.ts";
import { scaleHere } from "experiments/tables/scale_here.ts";
import { TABLE_1A } from "experiments/tables/table_1a.ts";

Deno.test("scaleHere() makes small of full width on a card, and nothing else", () => {
  const setting = fullWidth();
  for (const scale of ["small", undefined]) {
    assert.deepEqual(scaleHere(scale, () => true), setting);
    assert.equal(scaleHere(scale, () => false), "small");
  }
  for (const scale of ["smoke", "paper", "smal", setting]) {
    assert.equal(scaleHere(scale, () => true), scale);
  }
});

Deno.test("a table at full width says so, also where its recipe comes from", () => {
  const scale = scaleHere("small", () => true);
  const { setting } = planTable(TABLE_1A, { scale });
  assert.equal(setting.scale, "full_width");
  assert.match(scaleCaveat("full_width"), /not tuned for these\.$/);
  assert.doesNotMatch(scaleCaveat("full_width"), /was tuned/);
  assert.match(scaleCaveat("small"), /was tuned on these test images/);
});
