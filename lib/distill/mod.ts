/**
 * What a student learns from its teacher.
 *
 * @module
 */
export * from "./complete_terms.ts";
export * from "./describe_terms.ts";
export * from "./distill_loss.ts";
export * from "./distill_modules.ts";
export * from "./presets.ts";
export * from "./term_inputs.ts";
export * from "./term_needs.ts";
export * from "./terms_text.ts";
export * from "./terms.ts";
