/** A run small enough to be repeated often: a two-layer network, AdamW. */
import * as tf from "@tensorflow/tfjs";
import { adamW } from "ldlab/train/adam_w.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import { cosineSchedule } from "ldlab/train/schedules.ts";
import type { TrainBatch, TrainOptions, TrainStep } from "ldlab/train/train.ts";

await tf.setBackend("cpu");

export interface ToyBatch extends TrainBatch {
  values: Float32Array;
}

export const BATCHES_PER_EPOCH = 3;
export const TOTAL = 8;

/** Batches whose values follow from (epoch, index) alone. */
export async function* toyLoader(
  start: { epoch: number; index: number },
): AsyncGenerator<ToyBatch> {
  for (let { epoch, index } = start;; index++) {
    await Promise.resolve();
    if (index === BATCHES_PER_EPOCH) [epoch, index] = [epoch + 1, 0];
    const values = Float32Array.from(
      { length: 8 },
      (_, i) => Math.sin(1 + 31 * epoch + 7 * index + i),
    );
    yield { ids: ["a", "b"], epoch, index, values };
  }
}

/** A fresh network and its step; the same seed gives the same weights. */
export function toyStep(seed: number, hidden = 3) {
  const fresh = (...shape: number[]) =>
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 1, "float32", seed)));
  const parameters = new Map([
    ["first", fresh(4, hidden)],
    ["second", fresh(hidden, 1)],
  ]);
  const optimizer = adamW(parameters, { weightDecay: 0.1 });
  const step: TrainStep<ToyBatch> & { dispose(): void } = {
    state: new Map([...parameters, ...optimizer.state]),
    run: async (batch, learningRate) => {
      const [total, norm] = tf.tidy(() => {
        const x = tf.tensor2d(batch.values, [2, 4]);
        const variables = [...parameters.values()];
        const { value, grads } = tf.variableGrads(() => {
          const h = tf.tanh(
            tf.matMul(x, parameters.get("first")! as tf.Tensor2D),
          );
          const y = tf.matMul(h, parameters.get("second")! as tf.Tensor2D);
          return tf.mean(tf.square(tf.sub(y, 1))) as tf.Scalar;
        }, variables);
        const gradients = new Map(
          [...parameters].map(([name, v]) => [name, grads[v.name]]),
        );
        const { clipped, norm } = clipGradients(gradients, 1);
        optimizer.apply(clipped, tf.scalar(learningRate));
        return [value, norm];
      });
      const terms = {
        total: (await total.data())[0],
        gradientNorm: (await norm.data())[0],
      };
      tf.dispose([total, norm]);
      return terms;
    },
    dispose: () => {
      optimizer.dispose();
      parameters.forEach((variable) => variable.dispose());
    },
  };
  return step;
}

/** Everything else that a run of the toy needs. */
export const toyOptions = {
  loader: toyLoader,
  schedule: cosineSchedule(0.1, TOTAL),
  totalIterations: TOTAL,
} satisfies Partial<TrainOptions<ToyBatch>>;

/** Checkpoint settings of the toy in a folder. */
export const toyCheckpoints = (folder: string, every = 2) => ({
  folder,
  every,
  seeds: { weights: 1 },
  config: { rate: 0.1, ld: { temperature: 10 } },
});

/** Runs `body` with a folder that is removed afterwards. */
export async function inFolder(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
