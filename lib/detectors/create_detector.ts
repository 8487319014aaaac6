import * as tf from "@tensorflow/tfjs-core";
import { openScope, type Scope } from "../nn/scope.ts";
import { atssHead } from "./atss_head.ts";
import { createBackbone } from "./create_backbone.ts";
import type {
  CenternessOutputs,
  DenseHead,
  HeadOutputs,
} from "./dense_head.ts";
import type { Detector } from "./detector.ts";
import {
  type DetectorConfig,
  type DetectorKind,
  type ResolvedDetectorConfig,
  resolveDetectorConfig,
} from "./detector_config.ts";
import { fcosHead } from "./fcos_head.ts";
import { type ExtraLevels, fpn } from "./fpn.ts";
import { gflHead } from "./gfl_head.ts";
import { gflV2Head, type GflV2Outputs } from "./gfl_v2_head.ts";
import { retinaHead } from "./retina_head.ts";

/** P3 to P7. */
const LEVELS = 5;

/** How the pyramids of MMDetection's configs get P6 and P7. */
const EXTRA_LEVELS: Readonly<Record<DetectorKind, ExtraLevels>> = {
  gfl: {},
  gflV2: {},
  atss: {},
  fcos: { reluBeforeExtra: true },
  retina: { extraLevels: "onInput" },
};

/**
 * Builds a dense detector with fresh parameters: backbone, feature pyramid and
 * head. As teacher and as student of localization distillation it has boxes that
 * are distributions.
 *
 * Parameters have MMDetection's names (`backbone.layer1.0.conv1.weight`,
 * `neck.lateral_convs.0.conv.weight`, `bbox_head.gfl_cls.weight`). They start as
 * MMDetection's do without a checkpoint: the backbone by Kaiming's rule, the
 * last norm of a ResNet's block at 0, the pyramid by Xavier's, the head at
 * deviation 0.01, unless `towerInit` says else, and scores of 0.01.
 *
 * @param config Which detector, and what differs from the published one.
 * @param options.seed Fixes the fresh parameters. Any integer; or `null`, which
 * leaves all at 0 and is quicker where weights are loaded next.
 * @returns The detector; `dispose()` frees it.
 * @throws {RangeError} If a setting is unknown or out of its range.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, and the papers of the
 * heads; MMDetection's `SingleStageDetector`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 *
 * const detector = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 },
 *   neckChannels: 8, headChannels: 8, headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const images = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
 * const { classLogits, features } = detector.forward(images, { training: false });
 * assert.deepEqual(classLogits.shape, [1, 64 + 16 + 4 + 1 + 1, 3]);
 * assert.deepEqual(features[0].shape, [1, 8, 8, 8]);
 * detector.dispose();
 * ```
 */
export function createDetector(
  config: DetectorConfig,
  { seed }: { seed: number | null },
): Detector {
  const resolved = resolveDetectorConfig(config);
  const { scope, variables } = openScope({ seed });
  const backbone = createBackbone(scope.child("backbone"), resolved.backbone);
  const neck = fpn(scope.child("neck"), {
    inChannels: backbone.channels.slice(1),
    outChannels: resolved.neckChannels,
    ...EXTRA_LEVELS[resolved.kind],
  });
  const head = makeHead(scope.child("bbox_head"), resolved);
  return {
    ...variables,
    config: resolved,
    forward: (images, { training }) =>
      tf.tidy(() => {
        const [, ...stages] = backbone.forward(images, training);
        const features = neck(stages);
        return { ...head(features), features };
      }),
    dispose: () => {
      for (const map of [variables.parameters, variables.buffers]) {
        for (const variable of map.values()) variable.dispose();
      }
    },
  };
}

function makeHead(
  scope: Scope,
  config: ResolvedDetectorConfig,
): DenseHead<HeadOutputs & Partial<CenternessOutputs & GflV2Outputs>> {
  const { numClasses } = config;
  const sizes = {
    inChannels: config.neckChannels,
    channels: config.headChannels,
    convs: config.headConvs,
    numClasses,
    init: config.towerInit,
  };
  const scaled = { ...sizes, groups: config.groups, levels: LEVELS };
  const regMax = config.regMax ?? undefined;
  switch (config.kind) {
    case "gfl":
      return gflHead(scope, { ...scaled, regMax: regMax! });
    case "gflV2":
      return gflV2Head(scope, { ...scaled, regMax: regMax! });
    case "atss":
      return atssHead(scope, { ...scaled, regMax });
    case "fcos":
      return fcosHead(scope, { ...scaled, regMax });
    case "retina":
      return retinaHead(scope, { ...sizes, regMax });
  }
}
