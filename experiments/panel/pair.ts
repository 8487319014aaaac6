import { checkRunConfig } from "../check_config.ts";
import type { RunConfig, ScenesData } from "../config.ts";
import { SCALES } from "../scales.ts";
import { checkTeacher } from "../teacher_fit.ts";

/** A teacher and a student without distillation, as of `SCALES`. */
export interface PanelPair {
  readonly teacher: RunConfig;
  readonly student: RunConfig;
}

const { student, teacher } = SCALES.smoke;

/**
 * The pairs of the live panel by scale, all on synthetic scenes. `smoke` is that of
 * the tables. The teacher of `small` has a wider network and sees sixteen times the
 * student's scenes, so that the student has something to learn from it; it is
 * trained in 20 seconds on two free cores. The student takes many steps a second.
 */
export const PANEL_PAIRS: Readonly<Record<"smoke" | "small", PanelPair>> = {
  smoke: { teacher, student },
  small: {
    teacher: {
      ...teacher,
      data: { ...teacher.data, train: 128 } as ScenesData,
      model: {
        ...teacher.model,
        backbone: { depth: 18, baseWidth: 16 },
        neckChannels: 32,
        headChannels: 32,
        headConvs: 2,
      },
      epochs: 15,
    },
    student: { ...student, data: { ...student.data, train: 8 } as ScenesData },
  },
};

/**
 * Chooses the pair of a panel.
 *
 * @param options.scale Whose pair it is, where none is given.
 * @param options.pair Any other one.
 * @throws {RangeError} If there is no such scale, or a panel cannot show the pair.
 */
export function choosePair(
  { scale, pair }: { scale: string; pair?: PanelPair },
): PanelPair {
  if (!pair && !Object.hasOwn(PANEL_PAIRS, scale)) {
    throw new RangeError(
      `Cannot open the panel: scale must be ${
        Object.keys(PANEL_PAIRS).join(" or ")
      }: current value is '${scale}'`,
    );
  }
  const chosen = pair ?? PANEL_PAIRS[scale as keyof typeof PANEL_PAIRS];
  const { teacher, student } = chosen;
  for (const [who, { model, input }] of Object.entries({ teacher, student })) {
    if (model.kind !== "gfl" || input.kind !== "stretch") {
      throw new RangeError(
        `Cannot open the panel: model.kind of the ${who} must be 'gfl' and ` +
          `input.kind 'stretch': current values are '${model.kind}' and '${input.kind}'`,
      );
    }
  }
  checkRunConfig(teacher, "teacher");
  checkRunConfig(student, "student");
  checkTeacher("student", {
    ...student,
    teacher: { config: teacher, seed: 0 },
  });
  return chosen;
}
