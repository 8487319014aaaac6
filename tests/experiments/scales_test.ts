import assert from "node:assert/strict";
import { SCALES } from "../../experiments/scales.ts";

// What MMDetection 3.3.0's GFL was run with on BCCD when the results were
// measured that README gives as expected, written down by hand from that recipe.
const recipe = {
  input: { kind: "stretch", width: 256, height: 192 },
  batchSize: 8,
  optimizer: { kind: "adamW", learningRate: 0.004, weightDecay: 0.05 },
  // min(1, (it + 1) / 50).
  warmup: { iterations: 49, start: 0.02 },
  clipNorm: 35,
  terms: {},
  teacher: null,
};
const dataOf = (split: string) => ({
  kind: "voc",
  train: [{ root: "data/bccd", split }],
  test: { root: "data/bccd", split: "test" },
  classes: ["RBC", "WBC", "Platelets"],
});
const model = {
  kind: "gfl",
  numClasses: 3,
  neckChannels: 64,
  headChannels: 64,
  headConvs: 2,
  groups: 32,
};

Deno.test("SCALES.small is the recipe whose results are known", () => {
  const { student, teacher } = SCALES.small;
  assert.deepEqual(student, {
    ...recipe,
    data: dataOf("student"),
    augmentation: { flips: true },
    model: { ...model, backbone: { depth: 18, baseWidth: 16 } },
    epochs: 24,
  });
  assert.deepEqual(teacher, {
    ...recipe,
    data: dataOf("trainval"),
    augmentation: {
      flips: true,
      jitter: { scale: [0.75, 1.4], logAspect: 0.1, minimumSide: 3 },
    },
    model: { ...model, backbone: { depth: 34, baseWidth: 32 } },
    epochs: 18,
  });
  // 73 of 292 images in batches of 8: 9 an epoch, 24 epochs; 36 an epoch, 18.
  assert.equal(Math.floor(73 / student.batchSize) * student.epochs, 216);
  assert.equal(Math.floor(292 / teacher.batchSize) * teacher.epochs, 648);
});

Deno.test("SCALES.smoke keeps the small recipe's optimizer", () => {
  for (const config of [SCALES.smoke.student, SCALES.smoke.teacher]) {
    const { optimizer, clipNorm, batchSize } = config;
    const expected = {
      optimizer: recipe.optimizer,
      clipNorm: recipe.clipNorm,
      batchSize: recipe.batchSize,
    };
    assert.deepEqual({ optimizer, clipNorm, batchSize }, expected);
  }
});
