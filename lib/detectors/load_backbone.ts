import type { NetworkVariables } from "../nn/scope.ts";
import { backboneNames } from "./backbone_names.ts";
import { matchWeights, type WeightMatch } from "./match_weights.ts";
import { loadMatchingWeights, type NamedWeights } from "./weights.ts";

/** What a classifier has no weights for: where a deformable layer looks. */
const FRESH = /\.conv_offset\.(weight|bias)$/;
/**
 * A bias of the stem that OpenMMLab's `resnet50_caffe` and `resnet101_caffe`
 * have; MMDetection leaves it out too, for a batch norm follows.
 */
const NEEDLESS = new Set(["backbone.conv1.bias"]);

/**
 * Starts a detector's backbone from ImageNet weights, those of its batch norms
 * and their statistics included, and leaves neck and head as they are.
 *
 * Use it on the weights of torchvision's classifiers, of OpenMMLab's third-party
 * ones (`open-mmlab://…`), and of MMPretrain's, whose names begin with
 * `backbone.`. Offsets of deformable layers stay as they start.
 *
 * @param detector Frozen stages are loaded as well.
 * @param weights By PyTorch's names and in its layout. Those of no backbone
 * layer, such as `fc.weight`, are passed over.
 * @returns How the two fit: names of the backbone only in `matched` and
 * `missing`, what was passed over in `extra`.
 * @throws {RangeError} If a weight of the backbone is missing, or the file has
 * layers that the backbone lacks, as those of a deeper one. Nothing is loaded.
 * @throws {TypeError} If a shape differs, as that of a wider one.
 * @see MMDetection's `init_cfg=dict(type='Pretrained', checkpoint=…)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { zeros } from "@tensorflow/tfjs-core";
 * import { loadBackbone } from "ldlab/detectors/load_backbone.ts";
 *
 * const scale = zeros([1]).variable();
 * const parameters = new Map([["backbone.bn1.weight", scale]]);
 * const weights = new Map([
 *   ["bn1.weight", { shape: [1], data: [7] }], ["fc.bias", { shape: [1], data: [8] }],
 * ]);
 * const { extra } = loadBackbone({ parameters, buffers: new Map() }, weights);
 * assert.deepEqual([...await scale.data(), ...extra], [7, "fc.bias"]);
 * ```
 */
export function loadBackbone(
  detector: NetworkVariables,
  weights: NamedWeights,
): WeightMatch {
  const backbone = {
    parameters: backboneOf(detector.parameters),
    buffers: backboneOf(detector.buffers),
  };
  const named = [...weights.keys()].some((name) => name.startsWith("backbone."))
    ? weights
    : backboneNames(weights);
  const { missing, extra } = matchWeights(backbone, named);
  const absent = missing.filter((name) => !FRESH.test(name));
  if (absent.length > 0) {
    throw new RangeError(
      `Cannot load the backbone: the file lacks ${listed(absent)}. Is it of ` +
        `another network?`,
    );
  }
  const unknown = extra.filter((name) =>
    name.startsWith("backbone.") && !NEEDLESS.has(name)
  );
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot load the backbone: it has no ${
        listed(unknown)
      }, which the file ` +
        `has. Is it of another network?`,
    );
  }
  return loadMatchingWeights(backbone, named);
}

function backboneOf<T>(all: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...all].filter(([name]) => name.startsWith("backbone.")));
}

function listed(names: readonly string[]): string {
  const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
  return `'${names[0]}'${more}`;
}
