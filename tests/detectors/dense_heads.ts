/**
 * Turns the golden vectors of dense heads, a NCHW map for each level, into the
 * library's layout, and back for gradients.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import type { Targets } from "ldlab/detectors/targets.ts";
import type { HostTensor } from "ldlab/train/safetensors.ts";

type Tensors = ReadonlyMap<string, HostTensor>;

/** The maps `<key>.0`, `<key>.1`, … of a file, levels in order. */
export function levelMaps(tensors: Tensors, key: string): HostTensor[] {
  const maps: HostTensor[] = [];
  for (let map; (map = tensors.get(`${key}.${maps.length}`));) maps.push(map);
  if (maps.length === 0) throw new Error(`No golden tensors '${key}.*'`);
  return maps;
}

/** [B, K, H, W] maps to [B, A, K] values. */
export function flatten(maps: readonly HostTensor[]): tf.Tensor3D {
  return tf.tidy(() =>
    tf.concat(
      maps.map(({ shape, data }) => {
        const [batch, channels, height, width] = shape;
        const map = tf.tensor4d(data, [batch, channels, height, width]);
        return tf.reshape<tf.Rank.R3>(
          tf.transpose(map, [0, 2, 3, 1]),
          [batch, height * width, channels],
        );
      }),
      1,
    )
  );
}

/** Class logits [B, A, C] and box logits [B, A, 4, n] under two keys. */
export function logits(tensors: Tensors, classKey: string, boxKey: string) {
  const classLogits = flatten(levelMaps(tensors, classKey));
  const boxes = flatten(levelMaps(tensors, boxKey));
  const [batch, count, channels] = boxes.shape;
  const boxLogits = tf.reshape<tf.Rank.R4>(
    boxes,
    [batch, count, 4, channels / 4],
  );
  boxes.dispose();
  return { classLogits, boxLogits, features: [] };
}

/** [B, locations of a level, …] tensors, joined along the locations. */
function joinLevels(
  maps: readonly HostTensor[],
  dtype: "float32" | "int32" = "float32",
): tf.Tensor {
  return tf.tidy(() =>
    tf.concat(
      maps.map(({ shape, data }) => tf.tensor(data, [...shape], dtype)),
      1,
    )
  );
}

/** The targets `<key>/labels.0`, … of a scenario of heads.safetensors. */
export function targets(tensors: Tensors, key: string): Targets {
  const level = (name: string) => levelMaps(tensors, `${key}/${name}`);
  return {
    labels: joinLevels(level("labels"), "int32") as tf.Tensor2D,
    boxTargets: joinLevels(level("bbox_targets")) as tf.Tensor3D,
    labelWeights: joinLevels(level("label_weights")) as tf.Tensor2D,
  };
}

/** The anchors of maps of these sizes, strides 8 to 128. */
export function anchorsOf(sizes: [number, number][]): Anchors {
  const [height, width] = sizes[0];
  return makeAnchors({
    height: height * 8,
    width: width * 8,
    levelSizes: sizes,
  });
}

/** The sum of a golden loss over levels. */
export function sumOfLevels(items: { data: number[] }[]): number {
  return items.reduce((sum, item) => sum + item.data[0], 0);
}
