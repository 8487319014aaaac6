import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { FGD, IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import "../everywhere.ts"; // registers the backends
import { gflAndInputs } from "./named_inputs.ts";
import { anchors, located, networks, tensorsOf } from "./small_batch.ts";

Deno.test("distillLoss() refuses what terms need and are not given", async () => {
  await tf.setBackend("cpu");
  const given = tensorsOf({ ...networks, ...located });
  const { inputs } = gflAndInputs(given, anchors);
  const { classLogits, boxLogits } = inputs.teacher;
  const refuse = (change: object, terms: DistillTerms, message: RegExp) =>
    assert.throws(() => distillLoss({ ...inputs, ...change }, terms), {
      name: "TypeError",
      message,
    });
  refuse(
    { regions: {} },
    PRESETS.cvpr2022.terms,
    /^Cannot distil: the weights of the region vlr\(.*\) must be among the regions: current ones are none$/,
  );
  refuse(
    { teacher: { classLogits, boxLogits } },
    IMITATION.fitNets,
    /^Cannot distil: imitation needs the features of the teacher, a map of each of the 2 levels: current number is 0$/,
  );
  refuse(
    {},
    { hint: { ...IMITATION.fitNets.imitation, adaptation: "1x1" } },
    /^Cannot distil: hint has trained layers, which must be among the modules/,
  );
  refuse({}, { fgd: FGD.gfl.fgd }, /^Cannot distil: fgd has trained layers/);
  const wide = {
    ...inputs.teacher,
    features: inputs.teacher.features!.map((map) => tf.concat([map, map], -1)),
  };
  refuse(
    { teacher: wide },
    IMITATION.fitNets,
    /student's features of level 0 for imitation must be \[2, 2, 2, 8\] unless an adaptation layer .*: current shape is \[2, 2, 2, 4\]/,
  );
  refuse(
    { scoreWeights: tf.ones([2, 4]) },
    PRESETS.cvpr2022.terms,
    /^Cannot distil: score weights must be \[2, 5\] as there are 5 anchors/,
  );
  // One location would be compared with all.
  const one = tf.slice(classLogits, [0, 0, 0], [-1, 1, -1]);
  refuse(
    { teacher: { classLogits: one, boxLogits } },
    PRESETS.ld2021.terms,
    /^Cannot distil: the teacher's class logits must be \[2, 5, \d\] as there are 5 anchors: current shape is \[2, 1, \d\]$/,
  );
  refuse(
    { student: { ...inputs.student, boxLogits: tf.slice(boxLogits, 0, 1) } },
    PRESETS.ld2021.terms,
    /^Cannot distil: the student's box logits must be \[2, 5, 4, \d+\]/,
  );
  // Teacher and student of plain boxes: the softmax of one number says nothing.
  const plain = (outputs: typeof inputs.student) => ({
    ...outputs,
    boxLogits: tf.zeros<tf.Rank.R4>([2, 5, 4, 1]),
  });
  const boxes = {
    student: plain(inputs.student),
    teacher: plain(inputs.teacher),
  };
  for (const terms of [PRESETS.ld2021.terms, IMITATION.gi, TBR]) {
    const [name] = Object.keys(terms);
    refuse(
      boxes,
      terms,
      new RegExp(
        "^Cannot distil: the student's box logits must be distributions, " +
          `\\[B, A, 4, n\\] of 2 bins or more, for the terms ${name}: current ` +
          "shape is \\[2, 5, 4, 1\\]$",
      ),
    );
  }
  const { kd } = PRESETS.cvpr2022.terms;
  distillLoss({ ...inputs, ...boxes }, { kd, ...IMITATION.mainRegion });
  for (const replicas of [0, 1.5, 3]) {
    assert.throws(
      () => distillLoss(inputs, PRESETS.ld2021.terms, { replicas }),
      {
        name: "RangeError",
        message: /^Cannot distil: replicas must .*: current value is/,
      },
    );
  }
  for (const what of ["temperatures", "weights"]) {
    assert.throws(
      () =>
        distillLoss(
          { ...inputs, [what]: { vlrld: tf.scalar(5) } },
          PRESETS.cvpr2022.terms,
        ),
      {
        name: "RangeError",
        message: `Cannot distil: ${what} must be of ld, vlrLd, kd: ` +
          'current name is "vlrld"',
      },
    );
  }
});
