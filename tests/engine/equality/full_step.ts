import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { PRESETS } from "ldlab/distill/terms.ts";
import { type BackendName, openEngine } from "ldlab/engine/mod.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { readState } from "ldlab/train/state.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import {
  anchors,
  data,
  input,
  tinyDetector,
} from "../../train/tiny_detector.ts";
import { stir } from "./layer_case.ts";

/** What a step gave. */
export interface FullStep {
  /** Losses, regions and the gradients' norm, and all variables, by name. */
  readonly values: Record<string, number[]>;
  /** How often the step was recorded. */
  readonly recordings: number;
}

/** Runs one distillation step as training does, from fixed weights and images. */
export async function fullStep(backend: BackendName): Promise<FullStep> {
  await openEngine({ backend });
  const [student, teacher] = [tinyDetector(1), tinyDetector(2)];
  for (const { parameters, buffers } of [student, teacher]) {
    stir(new Map([...parameters, ...buffers]));
  }
  const step = makeTrainStep({
    student,
    anchors,
    input,
    optimizer: sgd(student.parameters),
    clip: 1,
    distillation: {
      teacher: liveTeacher(teacher, input),
      terms: { ...PRESETS.cvpr2022, vlrKd: { weight: 3, temperature: 2 } },
    },
  });
  const batch = await createTrainingBatches(data).prepare(0, 0);
  const report = await step.run(batch, 0.01);
  const values: FullStep["values"] = {};
  for (const [name, value] of Object.entries(report)) values[name] = [value];
  for (const [name, { data }] of await readState(step.state)) {
    values[name] = [...data];
  }
  return { values, recordings: step.statistics.recordings };
}
