import type { RunConfig, TeacherRun, TeacherWeights } from "../config.ts";
import { TEACHER_SEED, type TeacherRow } from "../experiment.ts";
import { gflTeacher } from "../published/gfl.ts";
import { publishedConfig } from "../published/mod.ts";
import { type Scale, SCALES } from "../scales.ts";

/**
 * How large a table is run: `full_width` is `small` on a card, `paper` is COCO, as
 * it was published.
 */
export type TableScale = Scale | "full_width" | "paper";

/** The scales of tables. */
export const TABLE_SCALES = ["small", "smoke", "paper"] as const;

/** Images of a GPU, whose losses are summed together, as released; R18 has 3. */
export const IMAGES_PER_GPU = 2;

/** The pair that a table's rows are differences from. */
export interface TableSetting {
  readonly scale: TableScale;
  /** For a caption: the data and the networks. */
  readonly description: string;
  /** What detectors are measured on. */
  readonly tested: string;
  /** The student without distillation. */
  readonly student: RunConfig;
  readonly teacher: TeacherRun | TeacherWeights;
}

/**
 * The teacher and the student that tables have in common at a scale, so that
 * their runs are the same and are done once.
 *
 * At `paper` the student is the run `ours_r50_gflv1_r101_fpn_coco_1x` without
 * distillation, and the teacher MMDetection's R101, a file of weights. The paper
 * does not state the batch of its ablations; that run's is 4.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tableSetting } from "./table_setting.ts";
 * assert.equal(tableSetting("small").student.epochs, 24);
 * assert.equal(tableSetting("paper").student.batchSize, 4);
 * ```
 */
export function tableSetting(
  scale: (typeof TABLE_SCALES)[number],
): TableSetting {
  if (scale === "paper") {
    const { config } = publishedConfig("ours_r50_gflv1_r101_fpn_coco_1x");
    return {
      scale,
      description: "COCO 2017; teacher GFL R101, student GFL R50, batch 4",
      tested: "COCO val2017",
      student: { ...config, terms: {}, teacher: null },
      teacher: gflTeacher("gfl_r101_fpn_ms-2x_coco"),
    };
  }
  const { description, student, teacher } = SCALES[scale];
  return {
    scale,
    description,
    tested: scale === "small" ? "BCCD test" : "synthetic scenes",
    student,
    teacher: { config: teacher, seed: TEACHER_SEED },
  };
}

/** The row of the teacher: none where it is a file of weights. */
export function teacherRows({ teacher }: TableSetting): readonly TeacherRow[] {
  return "config" in teacher
    ? [{ label: "teacher", config: teacher.config }]
    : [];
}
