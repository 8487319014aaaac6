import assert from "node:assert/strict";
import { requireAgreement } from "../../bench/agreement.ts";

Deno.test("requireAgreement() takes a thousandth for the same, and no more", () => {
  requireAgreement({ a: 1.0009, b: -2 }, { a: 1, b: -2.0019 });
  assert.throws(
    () => requireAgreement({ a: 1, b: 1.002 }, { a: 1, b: 1 }),
    /b is 1.002 here and 1 there/,
  );
  requireAgreement({ a: 1.02 }, { a: 1 }, 0.03);
});

Deno.test("requireAgreement() refuses missing values and NaN", () => {
  assert.throws(
    () => requireAgreement({ a: 1 }, { a: 1, b: 2 }),
    /b is undefined/,
  );
  assert.throws(() => requireAgreement({ a: 1, b: 2 }, { a: 1 }), /2 here/);
  assert.throws(() => requireAgreement({ a: NaN }, { a: NaN }), /a is NaN/);
});
