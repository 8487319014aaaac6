import type { RunConfig } from "./config.ts";
import { TEACHER_SEED } from "./experiment.ts";

/**
 * Self-distillation: a student learns from a trained network of its own
 * architecture, which is frozen. The student is fresh, it does not start from
 * the teacher's weights.
 *
 * Use it to see what localization distillation gains where the teacher is no
 * better than its student.
 *
 * @param config The run that teaches, plain or distilled itself; the student
 * is its equal in all but what it distils.
 * @param options.terms What is distilled. The published runs have Main LD only:
 * weight 0.25, τ = 10.
 * @param options.teacherSeed The seed of the run that teaches; 0 unless given.
 * A student of the same seed starts from the same values as its teacher did,
 * and sees the images in the same order; give it another for a start of its
 * own. The published students start from ImageNet's backbone, as their
 * teachers, and from a random head.
 * @returns The student's config; its teacher is a run of its own.
 * @see Zheng et al., "Localization Distillation for Object Detection" (2021),
 * Self-LD; the authors' `ld_r18_self_2x_3x_voc.py`, which takes a trained
 * detector's checkpoint as the teacher.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "./scales.ts";
 * import { selfDistillation } from "./self_distillation.ts";
 * const alone = SCALES.small.student;
 * const student = selfDistillation(alone, { terms: {}, teacherSeed: 7 });
 * assert.deepEqual(student.model, alone.model);
 * assert.deepEqual(student.teacher, { config: alone, seed: 7 });
 * ```
 */
export function selfDistillation(
  config: RunConfig,
  { terms, teacherSeed = TEACHER_SEED }: {
    terms: RunConfig["terms"];
    teacherSeed?: number;
  },
): RunConfig {
  return { ...config, terms, teacher: { config, seed: teacherSeed } };
}
