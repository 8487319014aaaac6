/**
 * The paper's ablations as data, one runner and one result.
 *
 * @module
 */
export * from "./plan_table.ts";
export * from "./run_table.ts";
export * from "./scale_here.ts";
export * from "./stored_rows.ts";
export * from "./stored_tables.ts";
export * from "./table_1a.ts";
export * from "./table_1b.ts";
export * from "./table_1c.ts";
export * from "./table_experiment.ts";
export * from "./table_result.ts";
export * from "./table_setting.ts";
export * from "./tables.ts";
