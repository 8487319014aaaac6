import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { type BackendName, openEngine } from "ldlab/engine/mod.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { readState } from "ldlab/train/state.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { data, tinyDetector } from "../../train/tiny_detector.ts";
import { stir } from "./layer_case.ts";

/** What a step gave. */
export interface FullStep {
  /** Losses, regions and the gradients' norm, and all variables, by name. */
  readonly values: Record<string, number[]>;
  /** How often the step was recorded. */
  readonly recordings: number;
}

const { cvpr2022 } = PRESETS;
/** Every released term, and KD on the valuable region. */
const terms = {
  ...cvpr2022.terms,
  vlrKd: { ...cvpr2022.terms.kd, region: { kind: "vlr" } },
} as const;

/** Runs one distillation step as training does, from fixed weights and images. */
export async function fullStep(backend: BackendName): Promise<FullStep> {
  await openEngine({ backend });
  const [student, teacher] = [tinyDetector(1), tinyDetector(2)];
  for (const { parameters, buffers } of [student, teacher]) {
    stir(new Map([...parameters, ...buffers]));
  }
  const step = makeTrainStep({
    student,
    optimizer: sgd(student.parameters),
    clip: 1,
    distillation: {
      teacher: liveTeacher(teacher),
      terms,
    },
  });
  const batch = await createTrainingBatches({
    ...data,
    regions: termNeeds(terms).regions,
  }).prepare(0, 0);
  const report = await step.run(batch, 0.01);
  const values: FullStep["values"] = {};
  for (const [name, value] of Object.entries(report)) values[name] = [value];
  for (const [name, { data }] of await readState(step.state)) {
    values[name] = [...data];
  }
  return { values, recordings: step.statistics.recordings };
}
