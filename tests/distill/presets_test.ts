import assert from "node:assert/strict";
import { completeTerms } from "ldlab/distill/complete_terms.ts";
import {
  DETECTOR_PRESETS,
  FGD,
  IMITATION,
  PRESETS,
  TBR,
} from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";

Deno.test("PRESETS.paper is what the text says", () => {
  const { ld, vlrLd, kd } = completeTerms(PRESETS.paper.terms);
  assert.ok(ld.loss === "ld" && vlrLd.loss === "ld" && kd.loss === "kd");
  // Eq. 2 and 3: a sum over bins without τ²; λ as GIoU's 2 and QFL's 1.
  for (const term of [ld, vlrLd]) {
    assert.equal(term.bins, "sum");
    assert.equal(term.weight, 2);
    assert.equal(term.temperature, 10);
  }
  assert.equal(kd.classes, "sum");
  assert.equal(kd.weight, 1);
  for (const term of [ld, vlrLd, kd]) {
    assert.equal(term.temperatureFactor, "none");
    assert.equal(term.weightedBy, "mask");
    assert.equal(term.dividedBy, 1);
  }
  // Algorithm 1: αγ ≤ DIoU ≤ α, then less the main region; a mask.
  assert.deepEqual(vlrLd.region, {
    kind: "vlr",
    measure: "diou",
    weight: "mask",
    upper: "closed",
    positives: "removed",
  });
});

Deno.test("DETECTOR_PRESETS weigh LD and the valuable region as the released configs", () => {
  // configs/ld: loss_ld, T; the heads' factors 0.03, 0.15, 0.25 of it, over 4.
  const weights = Object.entries(DETECTOR_PRESETS).map(([name, { terms }]) => {
    const { ld, vlrLd, kd } = completeTerms(terms);
    assert.ok(ld.loss === "ld" && vlrLd.loss === "ld" && kd.loss === "kd");
    assert.equal(ld.dividedBy, 4);
    assert.equal(vlrLd.dividedBy, 4);
    const ratio = Math.round(100 * vlrLd.weight / ld.weight) / 100;
    return [
      name,
      ld.weight,
      ratio,
      kd.weight,
      kd.temperature,
      vlrLd.weightedBy,
    ];
  });
  assert.deepEqual(weights, [
    ["retina", 5, 0.03, 10, 8, "region"],
    ["atss", 0.25, 0.15, 10, 2, "region"],
    ["fcos", 0.25, 0.25, 10, 2, "score"],
  ]);
});

Deno.test("presets merge by spread, and all are in order", () => {
  const rows = [
    ...Object.values({ ...PRESETS, ...DETECTOR_PRESETS })
      .map(({ terms }) => terms),
    ...Object.values(IMITATION),
    ...Object.values(FGD),
    TBR,
  ];
  for (const row of rows) {
    const terms = { ...PRESETS.cvpr2022.terms, ...row };
    assert.equal(
      Object.keys(completeTerms(terms)).length,
      Object.keys(terms).length,
    );
  }
  assert.equal(IMITATION.deFeat.imitationBackground.weight, 2 * 2);
});

Deno.test("termNeeds() lists each region once, and features where a loss looks at them", () => {
  const vlr = { kind: "vlr" } as const;
  const { terms } = PRESETS.cvpr2022;
  const nothing = { regions: [], features: false, distributions: [] };
  assert.deepEqual(termNeeds({}), nothing);
  assert.deepEqual(termNeeds(PRESETS.ld2021.terms).regions, []);
  const vlrKd = { ...terms.kd, region: { ...vlr, gamma: 0.25 } };
  assert.equal(termNeeds({ ...terms, vlrKd }).regions.length, 1);
  assert.deepEqual(termNeeds(IMITATION.gi), {
    regions: [],
    features: true,
    distributions: ["imitation"], // boxes, which it picks by
  });
  assert.deepEqual(
    termNeeds(FGD.gfl).regions.map(({ kind }) => kind),
    ["fgdForeground", "fgdBackground"],
  );
  const off = { imitation: { ...IMITATION.fineGrained.imitation, weight: 0 } };
  assert.deepEqual(termNeeds(off), nothing);
});
