import type { DetectorConfig } from "../lib/detectors/mod.ts";
import type { RunConfig } from "./config.ts";

/** The detector that is distilled from. */
export function teacherModel(
  teacher: NonNullable<RunConfig["teacher"]>,
): DetectorConfig {
  return "config" in teacher ? teacher.config.model : teacher.model;
}
