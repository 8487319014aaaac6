/** What each row distils: the released settings, spelt out, and its switch. */
import assert from "node:assert/strict";
import { completeTerms } from "ldlab/distill/complete_terms.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import type { TableExperiment } from "../../../experiments/tables/table_experiment.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { findTable } from "../../../experiments/tables/tables.ts";

// As LDHead of the released code: weight, τ, region, weights, divisor.
const ld = (change: object = {}) => ({
  loss: "ld",
  region: { kind: "main" },
  weight: 0.25,
  temperature: 10,
  bins: "mean",
  temperatureFactor: "squared",
  edges: "separate",
  weightedBy: "score",
  dividedBy: 4,
  normalizedBy: "nothing",
  ...change,
});
const vlrLd = (change: object = {}) =>
  ld({
    region: { kind: "vlr" },
    weightedBy: "region",
    dividedBy: 16,
    ...change,
  });
const kd = (change: object = {}) => ({
  loss: "kd",
  region: { kind: "main" },
  weight: 10,
  temperature: 2,
  classes: "mean",
  activation: "softmax",
  temperatureFactor: "squared",
  weightedBy: "mask",
  dividedBy: 1,
  normalizedBy: "levelCount",
  ...change,
});
const vlrKd = () => kd({ region: { kind: "vlr" } });
const imitation = (kind: string, weight = 2) => ({
  loss: "imitation",
  region: { kind },
  weight,
  error: "squared",
  adaptation: "none",
  emptyLevels: "skipped",
  weightedBy: "mask",
  dividedBy: 1,
  normalizedBy: "levelCount",
});
const ours = { ld: ld(), vlrLd: vlrLd(), kd: kd() };

/** The terms of a table's rows, spelt out, by id. */
function termsOf(table: TableExperiment): Record<string, object> {
  const { baseline, rows } = planTable(table, { scale: "small" }).plan;
  return Object.fromEntries(rows.map(({ id, change }) => {
    const { terms, teacher } = { ...baseline, ...change };
    assert.equal(Object.keys(terms).length > 0, Boolean(teacher), id);
    return [id, completeTerms(terms as DistillTerms)];
  }));
}

Deno.test("Table 1a changes τ", () => {
  const taus = [1, 5, 10, 15, 20].map((temperature) =>
    [`tau_${temperature}`, { ld: ld({ temperature }) }] as const
  );
  assert.deepEqual(termsOf(findTable("1a")), {
    baseline: {},
    ...Object.fromEntries(taus),
  });
});

Deno.test("Table 1b changes ε of TBR", () => {
  const { baseline, ld: last, ...margins } = termsOf(findTable("1b"));
  assert.deepEqual([baseline, last], [{}, { ld: ld() }]);
  const tbr = (epsilon: number) => ({
    tbr: {
      loss: "tbr",
      region: { kind: "main" },
      weight: 2,
      epsilon,
      distance: "l2",
      unit: "strides",
      weightedBy: "score",
      dividedBy: 1,
      normalizedBy: "scores",
    },
  });
  assert.deepEqual(
    Object.values(margins),
    [0.1, 0.2, 0.3, 0.4].map(tbr),
  );
});

Deno.test("Table 1c changes γ", () => {
  const gammas = [1, 0.75, 0.5, 0.25, 0].map((gamma) => {
    const region = { kind: "vlr", gamma };
    return [
      `gamma_${gamma}`,
      { ld: ld(), vlrLd: vlrLd({ region }) },
    ] as const;
  });
  assert.deepEqual(termsOf(findTable("1c")), {
    baseline: {},
    ...Object.fromEntries(gammas),
  });
});

Deno.test("Table 2 turns four switches", () => {
  assert.deepEqual(termsOf(findTable("2")), {
    baseline: {},
    main_kd: { kd: kd() },
    main_ld: { ld: ld() },
    main_kd_ld: { kd: kd(), ld: ld() },
    kd: { kd: kd(), vlrKd: vlrKd() },
    ld: { ld: ld(), vlrLd: vlrLd() },
    ours,
    all: { ...ours, vlrKd: vlrKd() },
  });
});

Deno.test("Table 3 imitates alone and beside Ours", () => {
  const methods = {
    fit_nets: { imitation: imitation("all") },
    inside_gt_box: { imitation: imitation("gtBox") },
    main_region: { imitation: imitation("main") },
    fine_grained: { imitation: imitation("fineGrained") },
    de_feat: {
      imitation: imitation("gtBox"),
      imitationBackground: imitation("background", 4),
    },
    gi: { imitation: imitation("gi") },
  };
  const { gi } = methods;
  const ofEachImage = {
    imitation: {
      ...gi.imitation,
      region: { kind: "gi", suppression: "image" },
    },
  };
  assert.deepEqual(termsOf(findTable("3")), {
    baseline: {},
    ...methods,
    ours,
    ...Object.fromEntries(
      Object.entries(methods)
        .map(([id, terms]) => [`ours_${id}`, { ...ours, ...terms }]),
    ),
    gi_2_images: gi,
    gi_image: ofEachImage,
    ours_gi_image: { ...ours, ...ofEachImage },
  });
  const { rows } = planTable(findTable("3"), { scale: "small" }).plan;
  assert.deepEqual(
    rows.flatMap(({ id, change }) =>
      change.replicas ? [[id, change.replicas]] : []
    ),
    [["gi_2_images", 4]],
  );
});

Deno.test("Tables 4 and self_distillation distil with the released and the 2021 terms", () => {
  const { r18, r18_ours, r34_ours, r50_ours } = termsOf(findTable("4"));
  assert.deepEqual(r18, {});
  for (const terms of [r18_ours, r34_ours, r50_ours]) {
    assert.deepEqual(terms, ours);
  }
  const { r18_self, r50_self } = termsOf(findTable("self_distillation"));
  assert.deepEqual([r18_self, r50_self], [{ ld: ld() }, { ld: ld() }]);
});

Deno.test("Table 5 distils as each detector's released head", () => {
  const { retina, retina_plain, ...rest } = termsOf(findTable("5"));
  assert.deepEqual([retina, retina_plain], [{}, {}]);
  const { retina_ld, fcos_ld, atss_ld } = rest;
  const joint = { edges: "joint" };
  assert.deepEqual(retina_ld, {
    ld: ld({ weight: 5, ...joint }),
    vlrLd: vlrLd({
      region: { kind: "retinaVlr" },
      weight: 0.15,
      dividedBy: 4,
      ...joint,
    }),
    kd: kd({ temperature: 8 }),
  });
  assert.deepEqual(fcos_ld, {
    ld: ld(),
    vlrLd: vlrLd({
      region: { kind: "fcosVlr" },
      weight: 0.0625,
      weightedBy: "score",
      dividedBy: 4,
    }),
    kd: kd(),
  });
  assert.deepEqual(atss_ld, {
    ld: ld(),
    vlrLd: vlrLd({ weight: 0.0375, dividedBy: 4 }),
    kd: kd(),
  });
  // Plain boxes, distributions, distributions; one kind each.
  const { rows } = planTable(findTable("5"), {}).plan;
  assert.deepEqual(
    rows.map(({ change }) => [change.model?.kind, change.model?.regMax]),
    ["retina", "fcos", "atss"].flatMap((kind) => [
      [kind, null],
      [kind, undefined],
      [kind, undefined],
    ]),
  );
});

Deno.test("paper_against_code departs from the release in one thing a row", () => {
  const rows = termsOf(findTable("paper_against_code"));
  const vlr = (option: object) => ({
    ...ours,
    vlrLd: vlrLd({ region: { kind: "vlr", ...option } }),
  });
  const { as_written, ...single } = rows;
  assert.deepEqual(single, {
    baseline: {},
    released: ours,
    vlr_diou: vlr({ measure: "diou" }),
    vlr_mask: vlr({ weight: "mask" }),
    vlr_closed: vlr({ upper: "closed" }),
    vlr_no_positives: vlr({ positives: "removed" }),
    vlr_by_4: { ...ours, vlrLd: vlrLd({ dividedBy: 4 }) },
    main_mask: { ...ours, ld: ld({ weightedBy: "mask" }) },
    bins_sum: {
      ...ours,
      ld: ld({ bins: "sum" }),
      vlrLd: vlrLd({ bins: "sum" }),
    },
    no_tau_squared: {
      ld: ld({ temperatureFactor: "none" }),
      vlrLd: vlrLd({ temperatureFactor: "none" }),
      kd: kd({ temperatureFactor: "none" }),
    },
    giou_weight: {
      ...ours,
      ld: ld({ weight: 2 }),
      vlrLd: vlrLd({ weight: 2 }),
    },
    qfl_weight: { ...ours, kd: kd({ weight: 1 }) },
    main_by_scores: { ...ours, ld: ld({ normalizedBy: "scores" }) },
    main_by_scores_16: {
      ...ours,
      ld: ld({ normalizedBy: "scores", weight: 4 }),
    },
    small_parts: ours,
    joint_edges: {
      ...ours,
      ld: ld({ edges: "joint" }),
      vlrLd: vlrLd({ edges: "joint" }),
    },
    vlr_kd: { ...ours, vlrKd: vlrKd() },
    no_dfl: ours,
  });
  assert.deepEqual(Object.keys(as_written), ["ld", "vlrLd", "kd"]);
  const { rows: planned } = planTable(findTable("paper_against_code"), {}).plan;
  const of = (id: string) => planned.find((row) => row.id === id)!.change;
  assert.equal(of("small_parts").replicas, 4);
  assert.deepEqual(of("no_dfl").detectorLosses, { dfl: 0 });
});
