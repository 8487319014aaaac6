import * as tf from "@tensorflow/tfjs-core";
import { countMultiplyAdds } from "../nn/conv2d.ts";
import type { Detector } from "./detector.ts";

/** How large a detector is and what a forward pass costs. */
export interface Complexity {
  /** Weights, frozen ones included; running statistics are not weights. */
  readonly parameters: number;
  /** Multiply-adds of the convolutions for one image. */
  readonly multiplyAdds: number;
}

/**
 * Measures a detector's size and cost, by running it once.
 *
 * Papers call the multiply-adds FLOPs; counted as operations they are twice as
 * many. Norms, activations and sums are left out: with batch norms, group norms
 * and upsampling MMEngine counts 0.2 to 0.4 % more. Frozen parameters count; of
 * GFL on ResNet-50 there are 32.44 million, published are the 32.22 million that
 * learn where the stem and the first stage do not.
 *
 * @param detector The detector.
 * @param input.height Height of the network input in pixels.
 * @param input.width Width of the network input in pixels.
 * @returns The two counts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { measureComplexity } from "ldlab/detectors/complexity.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 *
 * const detector = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const small = measureComplexity(detector, { height: 64, width: 64 });
 * const large = measureComplexity(detector, { height: 128, width: 128 });
 * assert.equal(small.parameters, large.parameters);
 * assert.ok(large.multiplyAdds > 3.9 * small.multiplyAdds);
 * detector.dispose();
 * ```
 */
export function measureComplexity(
  detector: Detector,
  { height, width }: { height: number; width: number },
): Complexity {
  const multiplyAdds = countMultiplyAdds(() =>
    tf.tidy(() => {
      const images = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
      detector.forward(images, { training: false });
    })
  );
  return { parameters: countParameters(detector), multiplyAdds };
}

/**
 * Counts a detector's weights, frozen ones included.
 *
 * @param detector The detector.
 * @returns How many numbers they are; running statistics are not weights.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { countParameters } from "ldlab/detectors/complexity.ts";
 *
 * const weight = tf.variable(tf.ones([3, 3, 2, 5]));
 * const mean = tf.variable(tf.ones([5]));
 * const count = countParameters({
 *   parameters: new Map([["conv.weight", weight]]),
 *   buffers: new Map([["bn.running_mean", mean]]),
 * });
 * assert.equal(count, 90);
 * ```
 */
export function countParameters(
  { parameters, buffers }: Pick<Detector, "parameters" | "buffers">,
): number {
  return [...parameters, ...buffers]
    .filter(([name]) => !/\.running_(mean|var)$/.test(name))
    .reduce((sum, [, variable]) => sum + variable.size, 0);
}
