import { type Anchors, makeAnchors } from "../boxes/anchors.ts";
import type { TargetRule } from "../regions/target_rule.ts";
import {
  type DetectorConfig,
  resolveDetectorConfig,
} from "./detector_config.ts";

/**
 * Says which anchors a detector has and which of them learn a box.
 *
 * Use it for a loader, whose workers make the targets: `createLoader` takes it.
 *
 * @param config The detector.
 * @returns The rule, plain data.
 * @throws {RangeError} If the config is not in order.
 * @see MMDetection 3.3.0: GFL and ATSS have one anchor of 8 strides a cell and
 * `ATSSAssigner`, RetinaNet nine and `MaxIoUAssigner(0.5, 0.4)`, FCOS points in
 * the middle of cells, ranges of sizes and centre sampling of radius 1.5.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
 *
 * const { assignment, anchors } = targetRuleOf({ kind: "fcos", numClasses: 80 });
 * assert.equal(assignment, "fcos");
 * assert.equal(anchors.centerOffset, 0.5);
 * ```
 */
export function targetRuleOf(config: DetectorConfig): TargetRule {
  const { kind, anchorScale: scale } = resolveDetectorConfig(config);
  switch (kind) {
    case "fcos":
      return { anchors: { scale, centerOffset: 0.5 }, assignment: "fcos" };
    case "retina":
      return {
        anchors: {
          scale: [0, 1, 2].map((octave) => scale * 2 ** (octave / 3)),
          ratios: [0.5, 1, 2],
        },
        assignment: "maxIou",
      };
    default:
      return { anchors: { scale }, assignment: "atss" };
  }
}

/**
 * Makes the anchors of a detector for a size of its input.
 *
 * @param config The detector.
 * @param size Height and width of the input in pixels.
 * @returns The anchors, in the order of the detector's outputs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { anchorsOf } from "ldlab/detectors/detector_anchors.ts";
 *
 * const config = { kind: "retina", numClasses: 80 } as const;
 * const { count } = anchorsOf(config, { height: 64, width: 64 });
 * assert.equal(count, 9 * (64 + 16 + 4 + 1 + 1));
 * ```
 */
export function anchorsOf(
  config: DetectorConfig,
  { height, width }: { readonly height: number; readonly width: number },
): Anchors {
  return makeAnchors({ ...targetRuleOf(config).anchors, height, width });
}
