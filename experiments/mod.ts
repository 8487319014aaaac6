/**
 * The paper's tables and figures as experiments.
 *
 * @module
 */
export * from "./building_blocks/building_blocks.ts";
export * from "./chain.ts";
export * from "./check_config.ts";
export * from "./config.ts";
export * from "./experiment.ts";
export * from "./inheritance.ts";
export * from "./jobs.ts";
export * from "./paired_difference.ts";
export * from "./panel/mod.ts";
export * from "./published/mod.ts";
export * from "./resolve_config.ts";
export * from "./run_schedule.ts";
export * from "./run_record.ts";
export * from "./run_scalars.ts";
export * from "./run.ts";
export * from "./scales.ts";
export * from "./self_distillation.ts";
export * from "./store.ts";
export * from "./tables/mod.ts";
export * from "./teacher_assistants.ts";
export * from "./teacher_fit.ts";
export * from "./weights.ts";
export * from "./with_teachers.ts";
export * from "./write_figure.ts";
