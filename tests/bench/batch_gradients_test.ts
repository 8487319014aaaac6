import assert from "node:assert/strict";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { IMITATION } from "ldlab/distill/presets.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { batchGradients } from "../../bench/batch_gradients.ts";

await openEngine();
const dataset = makeScenes({ seed: 1, count: 2 });
const detector = (seed: number) =>
  createDetector({
    kind: "gfl",
    numClasses: dataset.classes.length,
    backbone: { depth: 18, baseWidth: 4 },
    neckChannels: 8,
    headChannels: 8,
    headConvs: 1,
    groups: 4,
  }, { seed });
const [student, teacher] = [detector(1), detector(2)];
const said = liveTeacher(teacher, { features: true });
const batch = await createTrainingBatches({
  dataset,
  input: { kind: "stretch", width: 64, height: 64 },
  batchSize: 2,
  seed: 0,
  augmentation: { flips: true },
}).prepare(0, 0);

Deno.test("batchGradients() tells the terms' gradient from the student's own", async () => {
  const { imitation } = IMITATION.fitNets;
  const at = (weight: number) =>
    batchGradients(student, batch, {
      said,
      terms: { imitation: { ...imitation, weight } },
      replicas: 1,
    });
  const [one, two] = [await at(1), await at(2)];
  assert.deepEqual(two.own, one.own);
  assert.deepEqual(two.terms, one.terms.map((value) => 2 * value));
  assert.ok(one.own.some((value) => value !== 0));
  assert.ok(one.terms.some((value) => value !== 0));
  assert.equal(one.own.length, one.terms.length);
});

Deno.test("batchGradients() counts the locations of the terms' region", async () => {
  const look = async (terms: typeof IMITATION[keyof typeof IMITATION]) => {
    const options = { said, terms, replicas: 1 };
    return (await batchGradients(student, batch, options)).locations;
  };
  const cells = 64 + 16 + 4 + 1 + 1; // 64 × 64 in strides of 8 to 128
  assert.equal(await look(IMITATION.fitNets), 2 * cells);
  const positives = batch.labels.filter((label) =>
    label < dataset.classes.length
  );
  assert.equal(await look(IMITATION.mainRegion), positives.length);
});
