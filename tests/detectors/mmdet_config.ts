/** MMDetection's settings of detectors and backbones as ldlab's. */
import type {
  BackboneConfig,
  DeformableStages,
} from "ldlab/detectors/backbone_config.ts";
import type {
  DetectorConfig,
  DetectorKind,
} from "ldlab/detectors/detector_config.ts";

// deno-lint-ignore no-explicit-any
type Settings = Record<string, any>;

/** A backbone of MMDetection. */
export function backboneOf(given: Settings): BackboneConfig {
  const {
    type,
    depth,
    style,
    base_channels: baseWidth,
    groups,
    base_width,
    scales,
  } = given;
  const every = {
    ...{ depth, baseWidth, deformable: deformableOf(given) },
    frozenStages: given.frozen_stages,
    normEval: given.norm_eval && given.norm_cfg?.requires_grad === false
      ? "frozen" as const
      : given.norm_eval,
  };
  switch (type) {
    case "ResNet": {
      const norm = given.norm_cfg?.type === "GN" ? "group" : "batch";
      return { ...every, style, norm };
    }
    case "ResNeXt": {
      const baseWidthPerGroup = base_width;
      return { ...every, kind: "resnext", style, groups, baseWidthPerGroup };
    }
    case "Res2Net": {
      const baseWidthPerScale = base_width;
      return { ...every, kind: "res2net", scales, baseWidthPerScale };
    }
    default:
      throw new RangeError(`MMDetection's ${type} has no like here`);
  }
}

const KINDS: Readonly<Record<string, DetectorKind>> = {
  GFLHead: "gfl",
  LDHead: "gfl",
  ATSSHead: "atss",
  FCOSHead: "fcos",
  RetinaHead: "retina",
};

/** A whole detector of MMDetection. */
export function detectorOf(
  { backbone, neck, head }: Settings,
): DetectorConfig {
  const kind = KINDS[head.type];
  return {
    kind,
    numClasses: head.num_classes,
    backbone: backboneOf(backbone),
    neckChannels: neck.out_channels,
    headChannels: head.feat_channels,
    headConvs: head.stacked_convs,
    groups: head.norm_cfg?.num_groups,
    regMax: kind === "gfl" ? 16 : null,
  };
}

function deformableOf(
  { dcn, stage_with_dcn }: Settings,
): DeformableStages | null {
  if (!dcn) return null;
  const stages = ([2, 3, 4] as const)
    .filter((stage) => stage_with_dcn[stage - 1]);
  return { version: dcn.type === "DCNv2" ? 2 : 1, stages };
}
