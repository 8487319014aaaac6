import assert from "node:assert/strict";
import {
  type Claim,
  concludeClaims,
  judge,
} from "../../../experiments/tables/claims.ts";
import type { Gain, Outcome } from "../../../experiments/tables/outcome.ts";
import { FIGURES, TABLES } from "../../../experiments/tables/tables.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";

/** Made-up rows by their AP; differences have the half width. */
const outcome = (
  ap: Readonly<Record<string, number>>,
  halfWidth: number | null,
): Outcome => ({
  scale: "small",
  seeds: halfWidth === null ? 1 : 3,
  rows: Object.keys(ap).map((id) => ({ id, label: `row ${id}` })),
  gain: (of, over) => ({ mean: ap[of] - ap[over], halfWidth }),
  paperGain: () => 1,
});

const higher = { kind: "higher", text: "B helps", of: "b", over: "a" } as const;

Deno.test("judge() lets a claim hold or fail where the interval leaves out 0, and else open", () => {
  const cases: [Claim["kind"], number, number | null, string, RegExp][] = [
    [
      "higher",
      2,
      0.5,
      "holds",
      /B helps: \+2\.0 ± 0\.5 AP here, \+1\.0 in the/,
    ],
    ["higher", -2, 0.5, "fails", /It does not hold here/],
    ["higher", 0.3, 0.5, "open", /points the same way, but .* cannot be told/],
    ["higher", -0.3, 0.5, "open", /points the other way, but/],
    ["higher", 0.5, 0.5, "open", /cannot be told/],
    ["higher", 5, null, "open", /One seed points the same way and cannot/],
    ["higher", 0, null, "open", /One seed shows no difference/],
    ["lower", -2, 0.5, "holds", /−2\.0 ± 0\.5/],
    ["lower", 2, 0.5, "fails", /does not hold/],
    ["lower", -0.3, null, "open", /points the same way/],
    ["equal", 0.1, 0.3, "holds", /It holds here/],
    ["equal", 1, 0.3, "fails", /does not hold/],
    ["equal", 0.1, 0.9, "open", /No difference shows/],
    ["equal", 0, null, "open", /One seed cannot tell/],
  ];
  for (const [kind, gain, half, verdict, text] of cases) {
    const claim = { ...higher, kind } as Claim;
    const judged = judge(claim, outcome({ a: 40, b: 40 + gain }, half))!;
    assert.equal(judged.verdict, verdict, `${kind} ${gain} ± ${half}`);
    assert.match(judged.text, text);
  }
});

Deno.test("judge() compares the best with its nearest rival", () => {
  const best: Claim = {
    kind: "best",
    text: "B is best",
    of: "b",
    among: ["a", "b", "c", "absent"],
  };
  const of = (a: number, b: number, c: number, half: number | null) =>
    judge(best, outcome({ a, b, c }, half))!;
  const sure = of(1, 5, 2, 0.5);
  assert.equal(sure.verdict, "holds");
  assert.match(sure.text, /B is best\. .* \+3\.0 ± 0\.5 AP over "row c"\./);
  assert.equal(of(9, 5, 2, 0.5).verdict, "fails");
  assert.match(of(9, 5, 2, 0.5).text, /not the best here: −4\.0 .*"row a"/);
  assert.match(of(4.8, 5, 2, 0.5).text, /best here too, but by no more than/);
  assert.match(of(5.2, 5, 2, 0.5).text, /another is as good/);
  assert.equal(of(5.2, 5, 2, 0.5).verdict, "open");
  assert.equal(of(1, 5, 2, null).verdict, "open");
});

Deno.test("judge() calls a row the best only where each rival is clearly behind", () => {
  const best: Claim = {
    kind: "best",
    text: "B is best",
    of: "b",
    among: ["a", "c"],
  };
  /** Leads over a and c, with the half widths of their intervals. */
  const of = (a: [number, number], c: [number, number]) => {
    const leads: Record<string, [number, number]> = { a, c };
    return judge(best, {
      ...outcome({ a: 0, b: 0, c: 0 }, 1),
      gain: (_, over) => ({ mean: leads[over][0], halfWidth: leads[over][1] }),
    })!;
  };
  assert.equal(of([1, 0.5], [2, 0.5]).verdict, "holds");
  // The nearest rival is beaten for sure, another is not.
  const unsure = of([1, 0.5], [2, 3]);
  assert.equal(unsure.verdict, "open");
  assert.match(unsure.text, /no more than chance may do: \+2\.0 .*"row c"/);
  // One may be better by chance, another is better for sure.
  const beaten = of([-3, 5], [-1, 0.5]);
  assert.equal(beaten.verdict, "fails");
  assert.match(beaten.text, /not the best here: −1\.0 ± 0\.5 .*"row c"/);
});

Deno.test("judge() says nothing of rows that were not run, or lack the metric", () => {
  assert.equal(judge(higher, outcome({ b: 1 }, 1)), null);
  const none = (): Gain => ({ mean: NaN, halfWidth: null });
  assert.equal(
    judge(higher, { ...outcome({ a: 1, b: 2 }, 1), gain: none }),
    null,
  );
  const best: Claim = { kind: "best", text: "", of: "b", among: ["a", "c"] };
  assert.equal(judge(best, outcome({ b: 1 }, 1)), null);
  // Who is the best of three is not known of two.
  const lost = (_: string, over: string): Gain =>
    over === "a" ? none() : { mean: 1, halfWidth: 0.5 };
  const three = outcome({ a: 1, b: 2, c: 1 }, 0.5);
  assert.equal(judge(best, { ...three, gain: lost }), null);
  assert.equal(judge(best, three)!.verdict, "holds");
});

Deno.test("judge() leaves the paper out where it has no number", () => {
  const without = { ...outcome({ a: 1, b: 2 }, 0.5), paperGain: () => null };
  assert.match(judge(higher, without)!.text, /\+1\.0 ± 0\.5 AP here\. It/);
});

Deno.test("concludeClaims() counts, and warns of one seed and of scales", () => {
  const claims = [
    higher,
    { ...higher, text: "A helps", of: "a", over: "b" },
  ] as const;
  const two = concludeClaims(claims, outcome({ a: 40, b: 42 }, 0.5));
  assert.match(
    two,
    /^Findings .* hold here: 1 of 2; that do not: 1; .* told: 0\./,
  );
  assert.match(two, /each for its comparison alone/);
  assert.match(two, /tuned on these test images/);
  const one = concludeClaims(claims, outcome({ a: 40, b: 42 }, null));
  assert.match(
    one,
    /hold here: 0 of 2; that do not: 0; that cannot be told: 2/,
  );
  assert.match(one, /This is one seed/);
  const paper = { ...outcome({ a: 40, b: 42 }, 0.5), scale: "paper" } as const;
  assert.doesNotMatch(concludeClaims(claims, paper), /tuned/);
  assert.match(
    concludeClaims(claims, outcome({ a: 40 }, 0.5)),
    /say nothing about the paper's findings/,
  );
});

for (const table of [...TABLES, ...FIGURES]) {
  Deno.test(`the conclusion of ${table.id} follows the numbers both ways, and noise`, () => {
    const { rows } = planTable(table, {}).plan;
    const made = (sign: number, halfWidth: number | null): Outcome => ({
      scale: "small",
      seeds: halfWidth === null ? 1 : 3,
      rows,
      // Each row's gain is the paper's, or that of the order of the rows.
      gain: (of, over) => {
        const at = (id: string) => rows.findIndex((row) => row.id === id);
        const [a, b] = [of, over].map((id) => rows[at(id)].paper?.[0] ?? null);
        const by = a === null || b === null ? at(of) - at(over) : a - b;
        return { mean: sign * by, halfWidth };
      },
      paperGain: () => null,
    });
    const [for_, against, noise, one] = [
      made(10, 0.01),
      made(-10, 0.01),
      made(1, 1000),
      made(1, null),
    ].map((outcome) => table.conclude(outcome));
    assert.equal(new Set([for_, against, noise, one]).size, 4);
    assert.match(one, /one seed/);
    if (table.id === "1a") {
      assert.match(for_, /LD helps holds here/);
      assert.match(against, /LD helps does not hold here/);
      assert.match(noise, /no change differs from 0/);
    } else if (table.id === "paper_against_code") {
      assert.match(for_, /Better .* VLR by DIoU.*Worse: none/);
      assert.match(against, /confidence: none\. Worse: VLR by DIoU/);
      assert.match(noise, /none\. Worse: none/);
    } else {
      const both = for_ + against;
      assert.match(both, /hold here: [1-9]/);
      assert.match(both, /do not: [1-9]/);
      assert.match(noise, /hold here: 0 of \d+; that do not: 0;/);
    }
  });
}
