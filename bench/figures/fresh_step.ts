import { anchorsOf, createDetector } from "../../lib/detectors/mod.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import { median } from "../statistics.ts";
import { openStep, type OurStep, type StepTask } from "../steps/step_task.ts";

/** Our side of a step with fresh weights, for what needs no peer. */
export async function freshStep(task: StepTask): Promise<OurStep> {
  await openEngine();
  return openStep(task, {
    student: createDetector(task.student, { seed: 1 }),
    teacher: createDetector(task.teacher, { seed: 2 }),
    batch: await task.batch(anchorsOf(task.student, task.input)),
  });
}

/** Median milliseconds of a few steps. */
export async function medianOf(step: OurStep, count = 5): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await step.once());
  return median(times);
}
