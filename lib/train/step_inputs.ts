// B images, H and W pixels, A locations or anchors of all levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../data/training_batches.ts";
import type { NetworkOutputs, TermInputs } from "../distill/term_inputs.ts";
import type { DistillTerms } from "../distill/terms.ts";

/** What a compiled training step is given, by name. */
export type StepInputs = tf.NamedTensorMap & {
  readonly images: tf.Tensor4D; // [B, H, W, 3]
  readonly labels: tf.Tensor2D; // [B, A]
  readonly boxTargets: tf.Tensor3D; // [B, A, 4]
  readonly labelWeights?: tf.Tensor2D; // [B, A]
  readonly learningRate: tf.Scalar;
};

// Inputs of names made of these and what they are for.
const TEACHER = "teacher's ";
const REGION = "region ";
const TEMPERATURE = "temperature of ";
const WEIGHT = "weight of ";

/**
 * Adds a batch to a step's inputs: images, labels, boxes and, where not all labels
 * count, their weights.
 *
 * @param inputs Where the tensors go, each as soon as it is made.
 * @param batch As the loader brings it.
 * @throws {Error} If a length does not fit the size or the number of images.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { addBatchInputs } from "ldlab/train/step_inputs.ts";
 *
 * await tf.setBackend("cpu");
 * const inputs: tf.NamedTensorMap = {};
 * addBatchInputs(inputs, {
 *   ids: ["a"], size: { width: 2, height: 1 }, images: new Float32Array(6),
 *   labels: new Int32Array(3), boxTargets: new Float32Array(12),
 * });
 * assert.deepEqual(inputs.images.shape, [1, 1, 2, 3]);
 * assert.deepEqual(inputs.boxTargets.shape, [1, 3, 4]);
 * ```
 */
export function addBatchInputs(
  inputs: tf.NamedTensorMap,
  { ids, size, images, labels, boxTargets, labelWeights }: Pick<
    Batch,
    "ids" | "size" | "images" | "labels" | "boxTargets" | "labelWeights"
  >,
): void {
  const { height, width } = size;
  const count = ids.length; // B
  const anchors = labels.length / count; // A
  inputs.images = tf.tensor4d(images, [count, height, width, 3]);
  inputs.labels = tf.tensor2d(labels, [count, anchors], "int32");
  inputs.boxTargets = tf.tensor3d(boxTargets, [count, anchors, 4]);
  if (labelWeights) {
    inputs.labelWeights = tf.tensor2d(labelWeights, [count, anchors]);
  }
}

/**
 * Adds what distillation needs to a step's inputs: the teacher's outputs, the
 * weights of the regions, the temperatures, and the weights of terms that are
 * inputs. Terms of one loss and one temperature share an input, so that they share
 * their element-wise losses.
 *
 * @param inputs Where the tensors go, each as soon as it is made.
 * @param given.outputs The teacher's outputs; their tensors become inputs.
 * @param given.batch Its regions.
 * @param given.regions Keys of those that the terms need (`termNeeds`).
 * @param given.terms Which terms.
 * @param given.temperatures By term.
 * @param given.weights By term, where they are inputs; none unless given.
 * @throws {TypeError} If the batch lacks a region.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { addDistillInputs } from "ldlab/train/step_inputs.ts";
 *
 * await tf.setBackend("cpu");
 * const outputs = { classLogits: tf.zeros([1, 1, 3]), boxLogits: tf.zeros([1, 1, 4, 5]) };
 * const batch = { regions: {} };
 * const inputs = {};
 * addDistillInputs(inputs, { outputs, batch, regions: [], terms: {}, temperatures: {} });
 * assert.deepEqual(Object.keys(inputs), ["teacher's classLogits", "teacher's boxLogits"]);
 * ```
 */
export function addDistillInputs(
  inputs: tf.NamedTensorMap,
  { outputs, batch, regions, terms, temperatures, weights = {} }: {
    outputs: NetworkOutputs;
    batch: Pick<Batch, "regions">;
    regions: readonly string[];
    terms: DistillTerms;
    temperatures: Readonly<Record<string, number>>;
    weights?: Readonly<Record<string, number>>;
  },
): void {
  const { classLogits, boxLogits, features = [] } = outputs;
  inputs[`${TEACHER}classLogits`] = classLogits;
  inputs[`${TEACHER}boxLogits`] = boxLogits;
  features.forEach((map, level) => inputs[`${TEACHER}${level}`] = map);
  for (const key of regions) {
    const weights = batch.regions[key];
    if (!weights) {
      throw new TypeError(
        `Cannot train: the batches must bring the region ${key}, which a term ` +
          `looks at: current ones are ${
            Object.keys(batch.regions).join("; ") || "none"
          }`,
      );
    }
    const [images, count] = classLogits.shape; // B, A
    inputs[REGION + key] = tf.tensor2d(weights, [images, count]);
  }
  const groups = Map.groupBy(
    Object.keys(temperatures),
    (name) => `${terms[name].loss} ${temperatures[name]}`,
  );
  for (const names of groups.values()) {
    inputs[TEMPERATURE + names.join(" ")] = tf.scalar(temperatures[names[0]]);
  }
  for (const [name, weight] of Object.entries(weights)) {
    inputs[WEIGHT + name] = tf.scalar(weight);
  }
}

/**
 * Finds what {@linkcode addDistillInputs} added.
 *
 * @param inputs A step's inputs.
 * @returns The parts of `distillLoss`'s inputs; undefined if nothing was added.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { addDistillInputs, findDistillInputs } from "ldlab/train/step_inputs.ts";
 *
 * await tf.setBackend("cpu");
 * const outputs = { classLogits: tf.zeros([1, 1, 3]), boxLogits: tf.zeros([1, 1, 4, 5]) };
 * const terms = { ld: { loss: "ld", region: { kind: "main" }, weight: 1 } } as const;
 * const batch = { regions: {} };
 * const inputs = {};
 * addDistillInputs(inputs, { outputs, batch, regions: [], terms, temperatures: { ld: 10 } });
 * const { temperatures } = findDistillInputs(inputs)!;
 * assert.deepEqual([...await temperatures!.ld.data()], [10]);
 * ```
 */
export function findDistillInputs(
  inputs: tf.NamedTensorMap,
):
  | Pick<TermInputs, "teacher" | "regions" | "temperatures" | "weights">
  | undefined {
  const named = (prefix: string) =>
    Object.entries(inputs)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  const { classLogits, boxLogits, ...features } = Object.fromEntries(
    named(TEACHER),
  );
  if (!classLogits) return undefined;
  return {
    teacher: {
      classLogits: classLogits as tf.Tensor3D,
      boxLogits: boxLogits as tf.Tensor4D,
      // Names that are numbers come in their order.
      features: Object.values(features) as tf.Tensor4D[],
    },
    regions: Object.fromEntries(named(REGION)) as Record<string, tf.Tensor2D>,
    temperatures: Object.fromEntries(
      named(TEMPERATURE).flatMap(([names, value]) =>
        names.split(" ").map((name) => [name, value as tf.Scalar])
      ),
    ),
    weights: Object.fromEntries(named(WEIGHT)) as Record<string, tf.Scalar>,
  };
}
