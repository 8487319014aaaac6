import * as tf from "@tensorflow/tfjs-core";
import { openScope } from "../nn/scope.ts";
import type { Detector } from "./detector.ts";
import { fpn } from "./fpn.ts";
import { type GflConfig, resolveGflConfig, STRIDES } from "./gfl_config.ts";
import { gflHead } from "./gfl_head.ts";
import { resnet } from "./resnet.ts";

/**
 * Builds a GFL detector with fresh parameters: ResNet, feature pyramid and a
 * head whose boxes are distributions. It is the detector that localization
 * distillation was published with, as teacher and as student.
 *
 * Parameters have MMDetection's names (`backbone.layer1.0.conv1.weight`,
 * `neck.lateral_convs.0.conv.weight`, `bbox_head.gfl_cls.weight`). They start as
 * MMDetection's do without a checkpoint: the backbone by Kaiming's rule, the
 * last norm of a block at 0, the pyramid by Xavier's, the head at deviation 0.01
 * and scores of 0.01.
 *
 * @param config What differs from the published detector.
 * @param options.seed Fixes the fresh parameters. Any integer; or `null`, which
 * leaves all at 0 and is quicker where weights are loaded next.
 * @returns The detector; `dispose()` frees it.
 * @throws {RangeError} If a setting is out of its range.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020; MMDetection's `GFL`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { createGfl } from "ldlab/detectors/gfl.ts";
 *
 * const detector = createGfl({
 *   numClasses: 3, depth: 18, baseWidth: 4, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const images = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
 * const { classLogits, features } = detector.forward(images, { training: false });
 * assert.deepEqual(classLogits.shape, [1, 64 + 16 + 4 + 1 + 1, 3]);
 * assert.deepEqual(features[0].shape, [1, 8, 8, 8]);
 * detector.dispose();
 * ```
 */
export function createGfl(
  config: GflConfig,
  { seed }: { seed: number | null },
): Detector {
  const resolved = resolveGflConfig(config);
  const { scope, variables } = openScope({ seed });
  const backbone = resnet(scope.child("backbone"), resolved);
  const neck = fpn(scope.child("neck"), {
    inChannels: backbone.channels.slice(1),
    outChannels: resolved.neckChannels,
  });
  const head = gflHead(scope.child("bbox_head"), {
    inChannels: resolved.neckChannels,
    channels: resolved.headChannels,
    convs: resolved.headConvs,
    groups: resolved.groups,
    numClasses: resolved.numClasses,
    regMax: resolved.regMax,
    levels: STRIDES.length,
  });
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
