import { completeTerms, type DistillSettings } from "../lib/distill/mod.ts";
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
 * is its equal in all but what it distils and inherits.
 * @param options What is distilled; the published runs have `PRESETS.ld2021`.
 * @param options.teacherSeed The seed of the run that teaches; 0 unless given.
 * A student of the same seed starts from the same values as its teacher did,
 * and sees the images in the same order; give it another for a start of its
 * own. The published students start from ImageNet's backbone, as their
 * teachers, and from a random head.
 * @returns The student's config; its teacher is a run of its own.
 * @throws {TypeError} If the settings have no terms.
 * @throws {RangeError} If a term is not in order.
 * @see Zheng et al., "Localization Distillation for Object Detection" (2021),
 * Self-LD; the authors' `ld_r18_self_2x_3x_voc.py`, which takes a trained
 * detector's checkpoint as the teacher.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "../lib/distill/mod.ts";
 * import { SCALES } from "./scales.ts";
 * import { selfDistillation } from "./self_distillation.ts";
 * const alone = SCALES.small.student;
 * const student = selfDistillation(alone, { ...PRESETS.ld2021, teacherSeed: 7 });
 * assert.deepEqual(student.model, alone.model);
 * assert.deepEqual(student.teacher, { config: alone, seed: 7 });
 * ```
 */
export function selfDistillation(
  config: RunConfig,
  { teacherSeed = TEACHER_SEED, ...settings }: DistillSettings & {
    readonly teacherSeed?: number;
  },
): RunConfig {
  completeTerms(settings.terms); // throws
  const { inherit: _, ...own } = config; // the student is fresh
  return { ...own, ...settings, teacher: { config, seed: teacherSeed } };
}
