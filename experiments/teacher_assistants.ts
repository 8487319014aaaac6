import { completeTerms, type DistillSettings } from "../lib/distill/mod.ts";
import type { RunConfig } from "./config.ts";
import { TEACHER_SEED } from "./experiment.ts";
import { checkTeacher } from "./teacher_fit.ts";

/** A network of a chain before it is told whom to learn from. */
export interface ChainModel {
  readonly label: string;
  /** Without a teacher: the chain gives it one. */
  readonly config: RunConfig;
  /** Of its start values and the order of its images; 0 unless given. */
  readonly seed?: number;
}

/** One run of a chain. */
export interface ChainLink {
  readonly label: string;
  /** The first link is plain; the others have the link before as teacher. */
  readonly config: RunConfig;
  readonly seed: number;
}

/**
 * A chain of teacher assistants as data: each network learns from the one
 * before it, which is trained and frozen; the first is plain.
 *
 *     teacher → assistant → … → student
 *
 * Use it where a teacher is much larger than its student. {@linkcode runChain}
 * runs the chain; a link is also a run like any other, so it can be a row's
 * teacher in an experiment.
 *
 * @param models From the teacher to the student, at least two.
 * @param settings What every link but the first distils; the published chain
 * (R101 → R34 → R18) has `PRESETS.ld2021`.
 * @returns The links in the same order.
 * @throws {TypeError} If the settings have no terms.
 * @throws {RangeError} If there are fewer than two networks, one has a teacher
 * already, one differs from its teacher in classes, bins or images, or a term is
 * not in order.
 * @see Zheng et al., "Localization Distillation for Object Detection" (2021);
 * the authors' `ta_34_18.py`. Mirzadeh et al., "Improved Knowledge Distillation
 * via Teacher Assistant", AAAI 2020.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "../lib/distill/mod.ts";
 * import { SCALES } from "./scales.ts";
 * import { teacherAssistants } from "./teacher_assistants.ts";
 * const { teacher, student } = SCALES.smoke;
 * const [first, last] = teacherAssistants([
 *   { label: "teacher", config: teacher },
 *   { label: "student", config: student },
 * ], PRESETS.ld2021);
 * assert.equal(first.config, teacher);
 * assert.deepEqual(last.config.teacher, { config: teacher, seed: 0 });
 * ```
 */
export function teacherAssistants(
  models: readonly ChainModel[],
  settings: DistillSettings,
): ChainLink[] {
  if (models.length < 2) {
    throw new RangeError(
      "Cannot make a chain: it must have a teacher and at least one who " +
        `learns from it: current number of networks is ${models.length}`,
    );
  }
  completeTerms(settings.terms); // throws
  const links: ChainLink[] = [];
  for (const { label, config, seed = TEACHER_SEED } of models) {
    if (config.teacher) {
      throw new RangeError(
        `Cannot make a chain: '${label}' must have no teacher, for the chain ` +
          "gives it one",
      );
    }
    const teacher = links.at(-1);
    const link = {
      label,
      seed,
      config: teacher
        ? {
          ...config,
          ...settings,
          teacher: { config: teacher.config, seed: teacher.seed },
        }
        : config,
    };
    checkTeacher(`'${label}'`, link.config);
    links.push(link);
  }
  return links;
}
