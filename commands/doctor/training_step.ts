import { createTrainingBatches, makeScenes } from "../../lib/data/mod.ts";
import { createDetector } from "../../lib/detectors/mod.ts";
import { PRESETS, termNeeds } from "../../lib/distill/mod.ts";
import { cachedTeacher, makeTrainStep, sgd } from "../../lib/train/mod.ts";

/** Large, so that an update is seen in the loss. */
const RATE = 0.5;

/** The least detector that has all the parts of a large one. */
const MODEL = {
  kind: "gfl",
  numClasses: 3,
  backbone: { depth: 18, baseWidth: 4 },
  neckChannels: 8,
  headChannels: 8,
  headConvs: 1,
  groups: 4,
} as const;

/**
 * Takes two compiled training steps of a small detector with localization
 * distillation, on the engine that is open.
 *
 * @returns The loss before and after the first update.
 */
export async function trainingStep(): Promise<[number, number]> {
  const { terms } = PRESETS.ld2021;
  const dataset = makeScenes({ seed: 1, count: 2 });
  const batches = createTrainingBatches({
    dataset,
    input: { kind: "stretch", width: 96, height: 64 },
    batchSize: 2,
    seed: 1,
    augmentation: { flips: false },
    regions: termNeeds(terms).regions,
  });
  const student = createDetector(MODEL, { seed: 1 });
  const teacher = createDetector(MODEL, { seed: 2 });
  const outputs = cachedTeacher(teacher);
  const optimizer = sgd(student.parameters, { momentum: 0.9 });
  const step = makeTrainStep({
    student,
    optimizer,
    distillation: { teacher: outputs, terms },
  });
  try {
    const batch = await batches.prepare(0, 0);
    const first = await step.run(batch, RATE);
    const second = await step.run(batch, RATE);
    return [first.total, second.total];
  } finally {
    for (const part of [step, optimizer, outputs, teacher, student]) {
      part.dispose();
    }
  }
}
