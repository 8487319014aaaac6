/**
 * Layers with named parameters, and how parameters start.
 *
 * @module
 */
export * from "./avg_pool.ts";
export * from "./batch_norm.ts";
export * from "./conv2d.ts";
export * from "./deform_conv2d.ts";
export * from "./deformable_conv.ts";
export * from "./gc_block.ts";
export * from "./group_norm.ts";
export * from "./halve.ts";
export * from "./initializers.ts";
export * from "./max_pool.ts";
export * from "./relu.ts";
export * from "./resize.ts";
export * from "./sample_bilinear.ts";
export * from "./scale.ts";
export * from "./scope.ts";
export * from "./without_gradient.ts";
