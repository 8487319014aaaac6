/**
 * The published runs of localization distillation as data.
 *
 * @module
 */
export * from "./published.ts";
export type { PublishedResult, PublishedRun } from "./published_run.ts";
