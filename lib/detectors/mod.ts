/**
 * Dense detectors: backbone, neck and head, their losses and their weights.
 *
 * @module
 */
export * from "./complexity.ts";
export * from "./conv_norm.ts";
export * from "./detector.ts";
export * from "./fpn.ts";
export * from "./gfl.ts";
export * from "./gfl_config.ts";
export * from "./gfl_head.ts";
export * from "./gfl_loss.ts";
export * from "./gfl_loss_weights.ts";
export * from "./inference_step.ts";
export * from "./residual_block.ts";
export * from "./resnet.ts";
export * from "./score_weights.ts";
export * from "./targets.ts";
export * from "./weights.ts";
