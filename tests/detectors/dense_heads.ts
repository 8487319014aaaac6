/**
 * Turns the golden vectors of dense heads, which hold one NCHW map for each
 * level, into the library's layout [B, A, …].
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DetectorOutputs } from "ldlab/detectors/detector.ts";
import type { Targets } from "ldlab/detectors/targets.ts";
import type { HostTensor } from "ldlab/train/safetensors.ts";
import type { HostValues } from "../everywhere.ts";

type Golden = ReadonlyMap<string, HostTensor>;

/** The tensors `<key>.0`, `<key>.1`, … of a file, levels in order. */
function levels(golden: Golden, key: string): HostTensor[] {
  const maps: HostTensor[] = [];
  for (let map; (map = golden.get(`${key}.${maps.length}`));) maps.push(map);
  if (maps.length === 0) throw new Error(`No golden tensors '${key}.*'`);
  return maps;
}

/** Maps [B, K, H, W] of all levels as [B, A, K]. */
export function fromMaps(golden: Golden, key: string): HostValues {
  const maps = levels(golden, key);
  const [batch, channels] = maps[0].shape;
  const sizes = maps.map(({ shape }) => shape[2] * shape[3]);
  const count = sizes.reduce((a, b) => a + b, 0);
  const data = new Float32Array(batch * count * channels);
  let start = 0;
  maps.forEach((map, level) => {
    for (let b = 0; b < batch; b++) {
      for (let k = 0; k < channels; k++) {
        for (let cell = 0; cell < sizes[level]; cell++) {
          data[(b * count + start + cell) * channels + k] =
            map.data[(b * channels + k) * sizes[level] + cell];
        }
      }
    }
    start += sizes[level];
  });
  return { shape: [batch, count, channels], data };
}

/** Maps [B, K, H, W] of all levels, each as [B, H, W, K]. */
export function fromLevelMaps(golden: Golden, key: string): HostValues[] {
  return levels(golden, key).map((map) => {
    const [batch, channels, height, width] = map.shape;
    const one = new Map([[`${key}.0`, map]]);
    const shape = [batch, height, width, channels];
    return { shape, data: fromMaps(one, key).data };
  });
}

/** Box maps [B, 4n, H, W] of all levels as [B, A, 4, n]. */
export function fromBoxMaps(golden: Golden, key: string): HostValues {
  const { shape: [batch, count, channels], data } = fromMaps(golden, key);
  return { shape: [batch, count, 4, channels / 4], data };
}

/** Targets [B, locations of a level, …] of all levels as [B, A, …]. */
export function fromLevels(golden: Golden, key: string): HostValues {
  const parts = levels(golden, key);
  const [batch, , ...rest] = parts[0].shape;
  const count = parts.reduce((sum, { shape }) => sum + shape[1], 0);
  const data: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (const part of parts) {
      const size = part.data.length / batch;
      data.push(...part.data.subarray(b * size, (b + 1) * size));
    }
  }
  return { shape: [batch, count, ...rest], data };
}

/** The detector's outputs among named tensors. */
export function outputsOf(given: Record<string, tf.Tensor>): DetectorOutputs {
  return {
    classLogits: given.classLogits as tf.Tensor3D,
    boxLogits: given.boxLogits as tf.Tensor4D,
    features: [],
  };
}

/** The targets among named tensors. */
export function targetsOf(given: Record<string, tf.Tensor>): Targets {
  return {
    labels: tf.cast(given.labels, "int32") as tf.Tensor2D,
    boxTargets: given.boxTargets as tf.Tensor3D,
    labelWeights: given.labelWeights as tf.Tensor2D,
  };
}

/** The sum of a golden loss over levels. */
export function sumOfLevels(items: { data: number[] }[]): number {
  return items.reduce((sum, item) => sum + item.data[0], 0);
}
