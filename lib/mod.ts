/**
 * Localization distillation for dense object detection: everything but the
 * engine's backends is plain functions of tensors and arrays.
 *
 * @module
 */
export * from "./engine/mod.ts";
export * from "./random/mod.ts";
export * from "./boxes/mod.ts";
export * from "./regions/mod.ts";
export * from "./losses/mod.ts";
export * from "./nn/mod.ts";
export * from "./detectors/mod.ts";
export * from "./distill/mod.ts";
export * from "./data/mod.ts";
export * from "./train/mod.ts";
export * from "./eval/mod.ts";
export * from "./report/mod.ts";
