import assert from "node:assert/strict";
import { completeTerms } from "ldlab/distill/complete_terms.ts";
import { IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import type { DistillTerm, DistillTerms } from "ldlab/distill/terms.ts";

const { ld, vlrLd, kd } = PRESETS.cvpr2022.terms;

Deno.test("completeTerms() fills in what the released heads do", () => {
  // LDHead.loss_single at 4287990c, by hand.
  const released = {
    bins: "mean",
    temperatureFactor: "squared",
    edges: "separate",
    normalizedBy: "nothing",
  };
  assert.deepEqual(completeTerms(PRESETS.cvpr2022.terms), {
    ld: { ...ld, ...released, weightedBy: "score", dividedBy: 4 },
    vlrLd: { ...vlrLd, ...released, weightedBy: "region", dividedBy: 16 },
    kd: {
      ...kd,
      classes: "mean",
      activation: "softmax",
      temperatureFactor: "squared",
      weightedBy: "mask",
      dividedBy: 1,
      normalizedBy: "levelCount",
    },
  });
});

Deno.test("completeTerms() leaves out terms of weight 0", () => {
  const terms = { ld, kd: { ...kd, weight: 0 } };
  assert.deepEqual(Object.keys(completeTerms(terms)), ["ld"]);
});

Deno.test("completeTerms() refuses what is not in order", () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [
      { weight: NaN },
      /^Cannot distil: the weight of kd must be finite: current value is NaN$/,
    ],
    [{ weight: undefined }, /the weight of kd must be finite/],
    [
      { temperature: 0 },
      /the temperature of kd must be above 0: current value is 0$/,
    ],
    [{ dividedBy: -1 }, /the dividedBy of kd must be above 0/],
    [
      { weightedBy: "iou" },
      /weightedBy of kd must be one of region, mask, score: current value is "iou"$/,
    ],
    [
      { bins: "sum" },
      /an option of kd must be one of loss, region, .*: current value is "bins"$/,
    ],
    [
      { loss: "mse" },
      /the loss of kd must be one of ld, kd, tbr, imitation, fgd: current value is "mse"$/,
    ],
    [
      { region: undefined },
      /the region of kd must be data as { kind: "main" }: current value is undefined$/,
    ],
    [{ region: "main" }, /the region of kd must be data .*"main"$/],
    [
      { classes: "total" },
      /classes of kd must be one of mean, sum: .*"total"$/,
    ],
    [{ activation: "sigmod" }, /activation of kd must be one of softmax, sig/],
    [{ temperatureFactor: 1 }, /temperatureFactor of kd must be .*: .* 1$/],
    [{ region: { kind: "vlr", gama: 1 } }, /vlr has .*gamma.*"gama"$/],
  ];
  for (const [change, message] of refused) {
    const term = { ...kd, ...change } as unknown as DistillTerm;
    assert.throws(() => completeTerms({ kd: term }), {
      name: "RangeError",
      message,
    });
  }
  const others: [Record<string, unknown>, RegExp][] = [
    [{ ...ld, bins: "all" }, /bins of it must be one of mean, sum/],
    [
      { ...TBR.tbr, epsilon: -1 },
      /the epsilon of it must be at least 0: .*-1$/,
    ],
    [{ ...TBR.tbr, distance: "l1" }, /distance of it must be one of l2, squ/],
    [{ ...IMITATION.gi.imitation, error: "l1" }, /error of it must be one of/],
  ];
  for (const [term, message] of others) {
    assert.throws(
      () => completeTerms({ it: term as unknown as DistillTerm }),
      { name: "RangeError", message },
    );
  }
  for (
    const name of [
      "dfl",
      "focal",
      "box",
      "centerness",
      "total",
      "mainLocations",
      "my term",
      "",
    ]
  ) {
    assert.throws(() => completeTerms({ [name]: kd }), {
      name: "RangeError",
      message: /^Cannot distil: the name of a term must be/,
    });
  }
});

Deno.test("completeTerms() refuses what is no terms, as a whole preset or a misspelt one", () => {
  const loss = /the loss of (terms|gi) must be one of .*: .* undefined$/;
  const refused: [unknown, RegExp][] = [
    [undefined, /terms must be given by name, as in PRESETS.cvpr2022.terms/],
    [PRESETS.ld2021, loss],
    [{ ld, gi: undefined }, loss],
  ];
  for (const [terms, message] of refused) {
    assert.throws(() => completeTerms(terms as DistillTerms), message);
  }
});
