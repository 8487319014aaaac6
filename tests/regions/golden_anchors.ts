import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import type { Assignment } from "ldlab/regions/assignment.ts";
import type { GroundTruth } from "ldlab/regions/ground_truth.ts";
import type { GoldenCase, GoldenTensor } from "../golden.ts";

/** The anchors of a golden case. */
export function goldenAnchors(
  { featmap_sizes: levelSizes, ...params }: GoldenCase["params"],
): Anchors {
  const generator = params.anchor_generator ??
    params.head_cfg?.anchor_generator;
  const strides = params.strides ?? generator?.strides ??
    [8, 16, 32, 64, 128];
  const [height, width] = levelSizes[0].map((side: number) =>
    side * strides[0]
  );
  return makeAnchors({
    height,
    width,
    strides: strides.slice(0, levelSizes.length),
    levelSizes,
    ratios: params.anchor?.ratios ?? generator?.ratios,
    scale: params.anchor?.scales ?? generator?.octave_base_scale,
  });
}

/** The points of a golden case of FCOS, in the middle of their cells. */
export function pointsOf(
  { featmap_sizes: levelSizes, head_cfg }: GoldenCase["params"],
): Anchors {
  const { strides } = head_cfg;
  const [height, width] = levelSizes[0].map((side: number) =>
    side * strides[0]
  );
  const centerOffset = 0.5;
  return makeAnchors({ height, width, strides, levelSizes, centerOffset });
}

/** The ground truth of a golden case; labels 0 where it has none. */
export function goldenGroundTruth(
  boxes: GoldenTensor,
  labels?: GoldenTensor,
  ignored?: GoldenTensor,
): GroundTruth {
  return {
    ignored: ignored && new Float32Array(ignored.data),
    boxes: new Float32Array(boxes.data),
    labels: labels
      ? new Int32Array(labels.data)
      : new Int32Array(boxes.shape[0]),
  };
}

/** MMDetection's `gt_inds`: the box from 1, 0 for background, -1 for neither. */
export function assignmentCodes(
  { gtIndex, labelWeights }: Assignment,
): number[] {
  return Array.from(
    gtIndex,
    (box, anchor) => box >= 0 ? box + 1 : labelWeights[anchor] - 1,
  );
}
