// B images, A locations of all levels.
import * as tf from "@tensorflow/tfjs-core";
import { distancesToBox } from "../boxes/box_coding.ts";
import { integral } from "../boxes/distribution.ts";
import { positiveMask } from "../detectors/targets.ts";
import { giRegion } from "../regions/gi.ts";
import { type Region, regionKey } from "../regions/region.ts";
import type { NetworkOutputs, TermInputs } from "./term_inputs.ts";

/** The weights of regions over the locations of a batch. */
export interface RegionWeights {
  /** [B, A]: the positives, 1 or 0. */
  readonly main: tf.Tensor2D;
  /** [B, A]: the region's own weights, 0 outside. */
  of(region: Region): tf.Tensor2D;
  /** [B, A]: 1 in the region, 0 outside. */
  maskOf(region: Region): tf.Tensor2D;
}

/**
 * Opens the regions of a batch: those that follow from predictions are made here,
 * each once, those that follow from labels are among the inputs. Call it in a
 * `tf.tidy`, which owns what it makes.
 *
 * @param inputs What the terms are computed from.
 * @returns The regions' weights; what is asked for twice is the same tensor.
 * @throws {TypeError} If a region is asked for whose weights are not given.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { openRegions } from "ldlab/distill/region_weights.ts";
 *
 * const outputs = { classLogits: tf.zeros([1, 2, 3]), boxLogits: tf.zeros([1, 2, 4, 5]) };
 * const regions = openRegions({
 *   anchors: makeAnchors({ height: 8, width: 16, strides: [8] }),
 *   student: outputs, teacher: outputs, scoreWeights: tf.ones([1, 2]),
 *   targets: { labels: tf.tensor2d([[0, 3]], [1, 2], "int32"), boxTargets: tf.zeros([1, 2, 4]) },
 * });
 * assert.deepEqual([...await regions.of({ kind: "main" }).data()], [1, 0]);
 * ```
 */
export function openRegions(
  { student, teacher, targets, regions = {}, anchors }: TermInputs,
): RegionWeights {
  const { labels, labelWeights } = targets;
  const main = positiveMask(labels, student.classLogits.shape[2]);
  const predictions = remember((outputs: NetworkOutputs) => ({
    classLogits: outputs.classLogits,
    boxes: distancesToBox(
      tf.tensor2d(anchors.centers, [anchors.count, 2]),
      integral(outputs.boxLogits),
      tf.tensor1d(anchors.strides),
    ) as tf.Tensor3D,
  }));
  const weights = remember((key: string, region: Region): tf.Tensor2D => {
    if (region.kind === "main") return main;
    if (region.kind === "gi") {
      const { kind: _, ...options } = region;
      return giRegion({
        student: predictions(student),
        teacher: predictions(teacher),
        anchors,
      }, options);
    }
    const given = regions[key];
    if (given) return given;
    if (region.kind === "all") return labelWeights ?? tf.onesLike(main);
    throw new TypeError(
      `Cannot distil: the weights of the region ${key} must be among the ` +
        `regions: current ones are ${
          Object.keys(regions).join("; ") || "none"
        }`,
    );
  });
  const masks = remember((key: string, region: Region) =>
    region.kind === "main" || region.kind === "gi"
      ? weights(key, region)
      : tf.cast<tf.Tensor2D>(tf.greater(weights(key, region), 0), "float32")
  );
  return {
    main,
    of: (region) => weights(regionKey(region), region),
    maskOf: (region) => masks(regionKey(region), region),
  };
}

/** A function whose results are kept by its first argument. */
function remember<K, R extends unknown[], T>(
  compute: (key: K, ...rest: R) => T,
): (key: K, ...rest: R) => T {
  const known = new Map<K, T>();
  return (key, ...rest) => {
    if (!known.has(key)) known.set(key, compute(key, ...rest));
    return known.get(key)!;
  };
}
