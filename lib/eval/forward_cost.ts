import * as tf from "@tensorflow/tfjs-core";
import { type Complexity, countParameters } from "../detectors/complexity.ts";
import type { Detector } from "../detectors/detector.ts";
import { compile } from "../engine/compile.ts";
import { countMultiplyAdds } from "../nn/conv2d.ts";

/**
 * Measures a detector's size and what a forward pass costs, without running it: it
 * is only recorded. On backends other than TensorFlow it runs, once.
 *
 * Use it for large inputs, where `measureComplexity`, which runs the detector,
 * takes long; the counts are equal.
 *
 * @param detector The detector.
 * @param size Height and width of the network input in pixels.
 * @returns Parameters, and multiply-adds of the convolutions. MMEngine's
 * `FlopAnalyzer`, with which MMDetection's `get_flops.py` counts, has the same
 * numbers for them, and counts batch norms, group norms and the neck's upsampling
 * besides: of GFL on ResNet-50 at 1280 × 800 207.58e9 here, 208.26e9 there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { measureComplexity } from "ldlab/detectors/complexity.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { forwardCost } from "ldlab/eval/forward_cost.ts";
 *
 * await openEngine();
 * const detector = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const size = { height: 64, width: 64 };
 * assert.deepEqual(await forwardCost(detector, size), measureComplexity(detector, size));
 * detector.dispose();
 * ```
 */
export async function forwardCost(
  detector: Detector,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Complexity> {
  let multiplyAdds = 0;
  // Nothing is computed of what no output needs.
  const step = compile(({ images }: { images: tf.Tensor4D }) => {
    multiplyAdds = countMultiplyAdds(() =>
      tf.tidy(() => void detector.forward(images, { training: false }))
    );
    return { none: tf.scalar(0) };
  }, { name: "count" });
  const images = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
  try {
    tf.dispose(await step({ images }));
  } finally {
    images.dispose();
    step.dispose();
  }
  return { parameters: countParameters(detector), multiplyAdds };
}
