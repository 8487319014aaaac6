/**
 * The published networks: backbones, frozen as they were, and the weights that
 * they start from.
 *
 * @module
 */
import type {
  BackboneConfig,
  DeformableStages,
  DetectorKind,
} from "../../lib/detectors/mod.ts";
import { publishedWeights } from "../../lib/train/mod.ts";
import type { RunConfig } from "../config.ts";

/** A backbone and the ImageNet weights that it starts from. */
export interface Network {
  readonly backbone: BackboneConfig;
  /** A name of `PUBLISHED_WEIGHTS`. */
  readonly weights: string;
}

/** The stem and the first stage as they are; norms keep their statistics. */
const KEPT = { frozenStages: 1, normEval: true } as const;

const resnet = (depth: 18 | 34 | 50 | 101): Network => ({
  backbone: { kind: "resnet", depth, ...KEPT },
  weights: `torchvision://resnet${depth}`,
});

export const R18 = resnet(18);
export const R34 = resnet(34);
export const R50 = resnet(50);
export const R101 = resnet(101);

const FROM_C3: DeformableStages = { version: 1, stages: [2, 3, 4] };
const FROM_C4: DeformableStages = { version: 1, stages: [3, 4] };

export const R101_DCN: Network = {
  ...R101,
  backbone: { kind: "resnet", depth: 101, ...KEPT, deformable: FROM_C3 },
};

/** X-101-32x4d-DCN. */
export const X101_DCN: Network = {
  backbone: {
    kind: "resnext",
    depth: 101,
    groups: 32,
    baseWidthPerGroup: 4,
    ...KEPT,
    deformable: FROM_C4,
  },
  weights: "open-mmlab://resnext101_32x4d",
};

/** R2-101-DCN: Res2Net-101 v1d, 26 channels, 4 scales. */
export const R2N101_DCN: Network = {
  backbone: {
    kind: "res2net",
    depth: 101,
    scales: 4,
    baseWidthPerScale: 26,
    ...KEPT,
    deformable: FROM_C4,
  },
  weights: "open-mmlab://res2net101_v1d_26w_4s",
};

/** FCOS's, whose batch norms are not trained at all. */
const caffe = (depth: 50 | 101, weights: string): Network => ({
  backbone: {
    kind: "resnet",
    depth,
    style: "caffe",
    ...KEPT,
    normEval: "frozen",
  },
  weights,
});

export const R50_CAFFE = caffe(50, "open-mmlab://detectron2/resnet50_caffe");
export const R101_CAFFE = caffe(101, "open-mmlab://detectron/resnet101_caffe");

/** A detector on a pretrained network, for COCO's classes or VOC's. */
export function detector(
  kind: DetectorKind,
  { backbone, weights }: Network,
  numClasses: 80 | 20 = 80,
): Required<Pick<RunConfig, "model" | "initial">> {
  return {
    model: { kind, numClasses, backbone },
    initial: { backbone: publishedWeights(weights) },
  };
}
