/** The losses of one image with one location, (0, 0), and one class. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import type { CenternessOutputs } from "ldlab/detectors/dense_head.ts";
import type { LossInputs } from "ldlab/detectors/targets_guard.ts";
import { type Evaluation, everywhere } from "../everywhere.ts";

type Losses = (inputs: LossInputs<CenternessOutputs>) => tf.Scalar[];

const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });

/** Computes the losses of one location everywhere, and their gradients. */
export function lossesOfOne(
  losses: Losses,
  { box, numbers, label = 0, logit = 0 }: {
    box: number[];
    numbers: number[];
    label?: number;
    logit?: number;
  },
): Promise<[place: string, result: Evaluation][]> {
  const f = (given: Record<string, tf.Tensor>) =>
    tf.stack(losses({
      anchors,
      outputs: {
        classLogits: given.classLogits as tf.Tensor3D,
        boxLogits: given.boxLogits as tf.Tensor4D,
        centerness: given.centerness as tf.Tensor2D,
      },
      targets: {
        labels: tf.fill([1, 1], label, "int32"),
        boxTargets: given.box as tf.Tensor3D,
      },
    }));
  const inputs = {
    box: { shape: [1, 1, 4], data: box },
    classLogits: { shape: [1, 1, 1], data: [logit] },
    boxLogits: { shape: [1, 1, 4, numbers.length / 4], data: numbers },
    centerness: { shape: [1, 1], data: [logit] },
  };
  return everywhere(f, inputs, ["classLogits", "boxLogits"]);
}

/**
 * Fails unless losses and gradients are finite for huge logits, boxes of no size
 * and boxes that the location is outside of, plain and with distributions, and
 * unless background learns no box.
 */
export async function assertFinite(losses: Losses): Promise<void> {
  for (const logit of [1e4, -1e4]) {
    for (const box of [[0, 0, 0, 0], [-4, -4, 8, 8], [800, 800, 808, 900]]) {
      for (const numbers of [1, 2]) {
        for (const label of [0, 1]) {
          const results = await lossesOfOne(losses, {
            ...{ box, label, logit },
            numbers: Array.from(
              { length: 4 * numbers },
              (_, i) => i % 2 ? 0 : logit,
            ),
          });
          for (const [place, { value, gradients }] of results) {
            const what = `${logit}, ${box}, ${numbers}, ${label} on ${place}`;
            const all = [value, ...Object.values(gradients)];
            assert.ok(all.every((one) => one.every(Number.isFinite)), what);
            if (label === 1) {
              assert.ok(gradients.boxLogits.every((g) => g === 0), what);
              assert.ok([...value].slice(1).every((loss) => loss === 0), what);
            }
          }
        }
      }
    }
  }
}

/** Fails unless losses refuse outputs of another input size. */
export function assertRefusesOtherSize(losses: Losses, which: string): void {
  const attempt = () =>
    tf.tidy(() =>
      losses({
        anchors,
        outputs: {
          classLogits: tf.zeros([1, 2, 1]),
          boxLogits: tf.zeros([1, 1, 4, 2]),
          centerness: tf.zeros([1, 1]),
        },
        targets: {
          labels: tf.zeros([1, 1], "int32"),
          boxTargets: tf.zeros([1, 1, 4]),
        },
      })
    );
  assert.throws(attempt, {
    name: "TypeError",
    message: `Cannot compute the ${which} losses: class logits must be ` +
      "[1, 1, 1] as there are 1 anchors: current shape is [1, 2, 1]",
  });
}

/** Fails unless losses and gradients of no images are 0, plain or not. */
export async function assertNothingOfNoImages(losses: Losses): Promise<void> {
  for (const numbers of [1, 2]) {
    const f = (given: Record<string, tf.Tensor>) =>
      tf.stack(losses({
        anchors,
        outputs: {
          classLogits: given.classLogits as tf.Tensor3D,
          boxLogits: given.boxLogits as tf.Tensor4D,
          centerness: tf.zeros([0, 1]),
        },
        targets: {
          labels: tf.zeros([0, 1], "int32"),
          boxTargets: tf.zeros([0, 1, 4]),
        },
      }));
    const inputs = {
      classLogits: { shape: [0, 1, 3], data: [] },
      boxLogits: { shape: [0, 1, 4, numbers], data: [] },
    };
    const wrt = Object.keys(inputs);
    for (const [place, { value }] of await everywhere(f, inputs, wrt)) {
      assert.ok(value.every((loss) => loss === 0), `${numbers} on ${place}`);
    }
  }
}
