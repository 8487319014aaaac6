import assert from "node:assert/strict";
import { FGD, IMITATION, PRESETS } from "ldlab/distill/mod.ts";
import type { RunConfig } from "../../experiments/config.ts";
import { checkTeacher } from "../../experiments/teacher_fit.ts";
import { tiny } from "./tiny_config.ts";

const cells = {
  kind: "voc",
  train: [{ root: "data/bccd", split: "student" }],
  test: { root: "data/bccd", split: "test" },
  classes: ["RBC", "WBC", "Platelets"],
} as const;

const square = { kind: "stretch", width: 64, height: 64 } as const;

const pupilOf = (config: RunConfig, student: RunConfig = tiny): RunConfig => ({
  ...student,
  teacher: { config, seed: 0 },
});

Deno.test("checkTeacher() takes a teacher that is deeper, wider and saw other images", () => {
  const model = {
    ...tiny.model,
    backbone: { depth: 34, baseWidth: 8 },
    regMax: 16,
  } as const;
  const data = { ...tiny.data, seed: 2 } as RunConfig["data"];
  checkTeacher("a pupil", pupilOf({ ...tiny, model, data }));
  checkTeacher("a plain detector", tiny);
});

const misfits: Record<string, [RunConfig, RegExp]> = {
  "other bins": [
    pupilOf({ ...tiny, model: { ...tiny.model, regMax: 8 } }),
    /^Cannot distil 'a': regMax must be its teacher's, 8: current value is 16$/,
  ],
  "several anchors a cell": [
    pupilOf({ ...tiny, model: { ...tiny.model, kind: "retina" } }),
    /^Cannot distil 'a': anchors must be its teacher's, scale 4 5.0\d+ 6.3\d+, ratios 0.5 1 2: current value is scale 8$/,
  ],
  "anchors of another size": [
    pupilOf({ ...tiny, model: { ...tiny.model, anchorScale: 4 } }),
    /anchors must be its teacher's, scale 4: current value is scale 8$/,
  ],
  "points in the middle of cells": [
    pupilOf({ ...tiny, model: { ...tiny.model, kind: "fcos" } }),
    /anchors must be its teacher's, scale 8, centerOffset 0.5: /,
  ],
  "more classes": [
    pupilOf({ ...tiny, model: { ...tiny.model, numClasses: 4 } }),
    /numClasses must be its teacher's, 4: current value is 3/,
  ],
  "classes in another order": [
    pupilOf(
      { ...tiny, data: { ...cells, classes: ["WBC", "RBC", "Platelets"] } },
      { ...tiny, data: cells },
    ),
    /list of classes must be .*, WBC, RBC, Platelets: .* RBC, WBC, Platelets/,
  ],
  "classes of other data": [
    pupilOf({ ...tiny, data: cells }),
    /list of classes must be its teacher's, RBC.*: .*disc/,
  ],
  "wider images": [
    pupilOf({ ...tiny, input: { ...square, width: 128 } }),
    /images' width must be its teacher's, 128: current value is 64/,
  ],
  "features of another width that are imitated as they are": [
    pupilOf(
      { ...tiny, model: { ...tiny.model, neckChannels: 16 } },
      { ...tiny, terms: IMITATION.gi },
    ),
    /neckChannels must be its teacher's, 16, unless the term imitation has an adaptation layer: current value is 8/,
  ],
  "a misspelt measure of its region": [
    pupilOf(tiny, {
      ...tiny,
      terms: {
        ...PRESETS.ld2021.terms,
        vlr: {
          ...PRESETS.cvpr2022.terms.vlrLd,
          region: { kind: "vlr", measure: "dio" as "diou" },
        },
      },
    }),
    /measure must be diof or diou: current value is "dio"$/,
  ],
  "a misspelt loss": [
    pupilOf(tiny, {
      ...tiny,
      detectorLosses: { dlf: 0 } as RunConfig["detectorLosses"],
    }),
    /weights must be of qfl, giou, dfl, ciou: current one is of "dlf"$/,
  ],
  "higher images": [
    pupilOf({ ...tiny, input: { ...square, height: 128 } }),
    /images' height must be its teacher's, 128: current value is 64/,
  ],
};
for (const [what, [config, message]] of Object.entries(misfits)) {
  Deno.test(`checkTeacher() refuses a teacher with ${what}`, () => {
    assert.throws(() => checkTeacher("'a'", config), {
      name: "RangeError",
      message,
    });
  });
}

Deno.test("checkTeacher() takes features of another width with an adaptation layer", () => {
  const { imitation } = IMITATION.gi;
  const terms = {
    hint: { ...imitation, adaptation: "1x1" },
    ...FGD.gfl,
  } as const;
  const teacher = { ...tiny, model: { ...tiny.model, neckChannels: 16 } };
  checkTeacher("a pupil", pupilOf(teacher, { ...tiny, terms }));
});

Deno.test("checkTeacher() refuses terms without a teacher, which would not be learnt from", () => {
  const { ld } = PRESETS.ld2021.terms;
  assert.throws(() => checkTeacher("'a'", { ...tiny, terms: { ld } }), {
    name: "RangeError",
    message: "Cannot distil 'a': there must be a teacher: current terms are ld",
  });
  checkTeacher("'a'", { ...tiny, terms: { ld: { ...ld, weight: 0 } } });
});

Deno.test("checkTeacher() refuses terms that look at distributions where boxes are plain", () => {
  const model = { ...tiny.model, kind: "atss", regMax: null } as const;
  const plain = { ...tiny, model };
  const { terms } = PRESETS.cvpr2022;
  assert.throws(
    () => checkTeacher("'a'", pupilOf(plain, { ...plain, terms })),
    {
      name: "RangeError",
      message: "Cannot distil 'a': regMax of atss must be a number, so that " +
        "its boxes are distributions, for the terms ld, vlrLd: current value " +
        "is null",
    },
  );
  const { kd } = terms;
  checkTeacher("'a'", pupilOf(plain, { ...plain, terms: { kd } }));
});

Deno.test("checkTeacher() takes a teacher of another kind with the same anchors", () => {
  const { terms } = PRESETS.cvpr2022;
  for (const kind of ["gflV2", "atss"] as const) {
    const model = { ...tiny.model, kind };
    checkTeacher("'a'", pupilOf({ ...tiny, model }, { ...tiny, terms }));
  }
});
