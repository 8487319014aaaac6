import assert from "node:assert/strict";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { IMITATION } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { batchGradients } from "../../bench/batch_gradients.ts";
import { data, tinyConfig, tinyDetector } from "../train/tiny_detector.ts";

await openEngine();
const [student, teacher] = [tinyDetector(1), tinyDetector(2)];
const said = liveTeacher(teacher, { features: true });
const { regions } = termNeeds(IMITATION.fitNets);
const batch = await createTrainingBatches({ ...data, regions }).prepare(0, 0);

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
  const cells = 12 * 8 + 6 * 4 + 3 * 2 + 2 * 1 + 1; // strides of 8 to 128
  assert.equal(await look(IMITATION.fitNets), 2 * cells);
  const positives = batch.labels.filter((label) =>
    label < tinyConfig.numClasses
  );
  assert.equal(await look(IMITATION.mainRegion), positives.length);
});
