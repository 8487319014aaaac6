import assert from "node:assert/strict";
import { runScript } from "./run_script.ts";

/** Trains a small network for a few steps; prints its weights' hash. */
const training = (options: string) => `
  import { createHash } from "node:crypto";
  import { openEngine } from "ldlab/engine/mod.ts";
  import { createTrainingBatches, makeScenes } from "ldlab/data/mod.ts";
  import { createDetector } from "ldlab/detectors/mod.ts";
  import { adamW, makeTrainStep } from "ldlab/train/mod.ts";

  await openEngine(${options});
  const dataset = makeScenes({ seed: 1, count: 4 });
  const student = createDetector({
    kind: "gfl", numClasses: dataset.classes.length, backbone: { depth: 18, baseWidth: 8 },
    neckChannels: 16, headChannels: 16, headConvs: 1, groups: 4,
  }, { seed: 1 });
  const optimizer = adamW(student.parameters);
  const step = makeTrainStep({ student, optimizer, clip: 35 });
  const batches = createTrainingBatches({
    dataset, input: { kind: "stretch", width: 96, height: 64 }, batchSize: 4, seed: 0,
    augmentation: { flips: true },
  });
  for (let i = 0; i < 3; i++) await step.run(await batches.prepare(i, 0), 1e-3);
  const hash = createHash("sha256");
  for (const weight of student.parameters.values()) hash.update(await weight.data());
  console.log(hash.digest("hex"));
  Deno.exit(0);
`;

async function weightsAfterTraining(options: string): Promise<string> {
  const { code, stdout, stderr } = await runScript(training(options));
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

Deno.test("openEngine() with one thread an op gives the same bits for any number of threads", async () => {
  const one = await weightsAfterTraining("{ threads: 1 }");
  for (const threads of [2, 5]) {
    const options = `{ threads: ${threads}, threadsPerOp: 1 }`;
    assert.equal(await weightsAfterTraining(options), one, options);
  }
});
