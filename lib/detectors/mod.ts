/**
 * Dense detectors: backbone, neck and head, their losses and their weights.
 *
 * @module
 */
export * from "./atss_head.ts";
export * from "./atss_loss.ts";
export * from "./backbone_config.ts";
export * from "./backbone_conv.ts";
export * from "./backbone_names.ts";
export * from "./backbone_norm.ts";
export * from "./bottle2neck.ts";
export * from "./box_form.ts";
export * from "./centerness_targets.ts";
export * from "./complexity.ts";
export * from "./conv_norm.ts";
export * from "./create_backbone.ts";
export * from "./create_detector.ts";
export * from "./deep_stem.ts";
export * from "./dense_head.ts";
export * from "./dense_loss.ts";
export * from "./detector.ts";
export * from "./detector_anchors.ts";
export * from "./detector_config.ts";
export * from "./detector_loss.ts";
export * from "./fcos_head.ts";
export * from "./fcos_loss.ts";
export * from "./fpn.ts";
export * from "./gfl_head.ts";
export * from "./gfl_loss.ts";
export * from "./gfl_loss_weights.ts";
export * from "./gfl_v2_head.ts";
export * from "./head_tower.ts";
export * from "./inference_step.ts";
export * from "./largest_values.ts";
export * from "./load_backbone.ts";
export * from "./load_detector_weights.ts";
export * from "./match_weights.ts";
export * from "./res2net.ts";
export * from "./residual_backbone.ts";
export * from "./residual_block.ts";
export * from "./resnet.ts";
export * from "./resnext.ts";
export * from "./retina_head.ts";
export * from "./retina_loss.ts";
export * from "./score_weights.ts";
export * from "./stem.ts";
export * from "./targets.ts";
export * from "./targets_guard.ts";
export * from "./weights.ts";
