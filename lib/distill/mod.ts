/**
 * What a student learns from its teacher.
 *
 * @module
 */
export * from "./distill_loss.ts";
export * from "./terms.ts";
