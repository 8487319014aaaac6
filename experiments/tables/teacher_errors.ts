import { makeAnchors } from "../../lib/boxes/mod.ts";
import { boxLogitErrorMap, teacherStudentErrors } from "../../lib/eval/mod.ts";
import type { RunConfig, TeacherRun } from "../config.ts";
import type { RunStore } from "../store.ts";
import { stretchedSize } from "../stretched_size.ts";
import { testOutputs } from "../test_outputs.ts";

/** The levels that the paper's Figure 4 shows, by their stride. */
export const ERROR_LEVELS = [
  { name: "P4", stride: 16 },
  { name: "P5", stride: 32 },
  { name: "P6", stride: 64 },
  { name: "P7", stride: 128 },
] as const;

/**
 * How far a student is from a teacher over the test images, both finished runs.
 *
 * @returns Means over all locations of a level, by name: `scores P4`, …, the
 * differences of class scores, added over the classes; `boxes P4`, …, those of
 * the bins' probabilities at τ = 1, added over the bins of an edge; `logits P4`,
 * …, those of the bins' logits, added over all edges and bins. `scores` and
 * `boxes` are means over P4 to P7.
 */
export async function teacherErrors(
  student: { readonly config: RunConfig; readonly seed: number },
  teacher: TeacherRun,
  store: RunStore,
): Promise<Record<string, number>> {
  const anchors = makeAnchors(stretchedSize(student.config));
  const errors = teacherStudentErrors({ anchors });
  const mine = await testOutputs(student, { store });
  const theirs = await testOutputs(teacher, { store });
  const logits = new Map<number, number>();
  for (const [image, own] of mine.entries()) {
    const other = theirs[image];
    errors.add(own, other);
    const maps = boxLogitErrorMap(own.boxLogits, other.boxLogits, { anchors });
    for (const { stride, errors } of maps) {
      const mean = errors.reduce((sum, error) => sum + error, 0) /
        errors.length;
      logits.set(stride, (logits.get(stride) ?? 0) + mean / mine.length);
    }
  }
  const classes = student.config.model.numClasses;
  const bins = mine[0].boxLogits.length / anchors.count / 4;
  const levels = errors.mean();
  const metrics: Record<string, number> = { scores: 0, boxes: 0 };
  for (const { name, stride } of ERROR_LEVELS) {
    const level = levels.find((level) => level.stride === stride)!;
    const [scores, boxes] = [classes * level.scores, bins * level.boxes];
    metrics[`scores ${name}`] = scores;
    metrics[`boxes ${name}`] = boxes;
    metrics[`logits ${name}`] = logits.get(stride)!;
    metrics.scores += scores / ERROR_LEVELS.length;
    metrics.boxes += boxes / ERROR_LEVELS.length;
  }
  return metrics;
}
