import * as tf from "@tensorflow/tfjs-core";
import { createDetector } from "../detectors/create_detector.ts";
import type { Detector, DetectorOutputs } from "../detectors/detector.ts";
import type { DetectorConfig } from "../detectors/detector_config.ts";

/** [B, H, W, channels] of the image that is looked at. */
const IMAGE: [number, number, number, number] = [1, 128, 160, 3];

/**
 * Proves that two ways to load a detector's weights give the same detector: its
 * outputs for one fixed image must be equal bit by bit. Both detectors start from
 * different weights, so that none that is left out goes unseen.
 *
 * @param config The detector.
 * @param loads What gives a fresh detector its weights, twice.
 * @returns How many numbers are equal: logits, scores and features.
 * @throws {Error} If one differs.
 * @throws {RangeError} If an output is no finite number: such weights are of no
 * use.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { exportWeights, loadWeights } from "ldlab/detectors/weights.ts";
 * import { requireEqualOutputs } from "ldlab/train/equal_outputs.ts";
 *
 * const config = {
 *   kind: "gfl", numClasses: 1, backbone: { depth: 18, baseWidth: 2 },
 *   neckChannels: 4, headChannels: 4, headConvs: 1, groups: 1,
 * } as const;
 * const nothing = () => {};
 * await assert.rejects(requireEqualOutputs(config, [nothing, nothing]), /differ/);
 * ```
 */
export async function requireEqualOutputs(
  config: DetectorConfig,
  loads: readonly [first: Load, second: Load],
): Promise<number> {
  const first = await outputsOf(config, 1, loads[0]);
  const second = await outputsOf(config, 2, loads[1]);
  let count = 0;
  for (const [name, values] of first) {
    const others = second.get(name)!;
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        throw new RangeError(
          `Cannot compare outputs: ${name} has ${values[i]}. Weights whose ` +
            `outputs are no finite numbers are of no use`,
        );
      }
      if (!Object.is(values[i], others[i])) {
        throw new Error(
          `Outputs differ: ${name} has ${values[i]} and ${others[i]}`,
        );
      }
    }
    count += values.length;
  }
  return count;
}

type Load = (detector: Detector) => void;

async function outputsOf(
  config: DetectorConfig,
  seed: number,
  load: Load,
): Promise<Map<string, Float32Array>> {
  const detector = createDetector(config, { seed });
  const kept: tf.Tensor[] = [];
  try {
    load(detector);
    const image = tf.randomNormal<tf.Rank.R4>(IMAGE, 0, 1, "float32", 1);
    kept.push(image);
    const outputs = detector.forward(image, { training: false });
    const named = tensorsOf(outputs);
    kept.push(...named.values());
    const values = new Map<string, Float32Array>();
    for (const [name, tensor] of named) {
      values.set(name, (await tensor.data<"float32">()).slice());
    }
    return values;
  } finally {
    tf.dispose(kept);
    detector.dispose();
  }
}

function tensorsOf(
  { features, ...heads }: DetectorOutputs,
): Map<string, tf.Tensor> {
  return new Map([
    ...Object.entries(heads),
    ...features.map((map, level): [string, tf.Tensor] => [
      `features of P${level + 3}`,
      map,
    ]),
  ]);
}
