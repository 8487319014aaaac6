import * as tf from "@tensorflow/tfjs-core";
import { adamW } from "ldlab/train/adam_w.ts";
import { clipGradients } from "ldlab/train/clip_gradients.ts";
import type { Optimizer } from "ldlab/train/optimizer.ts";
import { cosineSchedule, linearWarmup } from "ldlab/train/schedules.ts";
import { sgd } from "ldlab/train/sgd.ts";
import {
  type EqualityCase,
  type EqualityCases,
  noise,
} from "./equality_case.ts";

const shapes: Record<string, number[]> = {
  "conv.weight": [3, 3, 4, 8],
  "bn.weight": [8],
  "scale": [],
};

/** Rises for three steps, then falls. */
const schedule = linearWarmup(cosineSchedule(0.5, 20), {
  iterations: 3,
  start: 0.1,
});

/** Steps with given gradients, clipped to a norm, at a moving rate. */
function optimizerCase(
  make: (parameters: ReadonlyMap<string, tf.Variable>) => Optimizer,
  limit = Infinity,
): EqualityCase {
  return () => {
    const parameters = new Map(
      Object.entries(shapes).map(([name, shape], i) => {
        const start = noise(shape, i)(0);
        const parameter = tf.tidy(() => tf.variable(start));
        start.dispose();
        return [name, parameter];
      }),
    );
    const optimizer = make(parameters);
    return {
      state: new Map([...parameters, ...optimizer.state]),
      inputs: (call) => ({
        learningRate: tf.scalar(schedule(call)),
        ...Object.fromEntries(
          Object.entries(shapes).map(([name, shape], i) => [
            name,
            noise(shape, 10 + i)(call),
          ]),
        ),
      }),
      step: ({ learningRate, ...inputs }) => {
        const gradients = new Map(Object.entries(inputs));
        const { clipped, norm } = clipGradients(gradients, limit);
        optimizer.apply(clipped, learningRate as tf.Scalar);
        return { norm };
      },
    };
  };
}

/** Every optimizer. */
export const optimizerCases: EqualityCases = {
  "sgd()": optimizerCase(sgd),
  "sgd() without momentum and decay": optimizerCase((parameters) =>
    sgd(parameters, { momentum: 0, weightDecay: 0 })
  ),
  "adamW()": optimizerCase(adamW),
  "clipGradients() of gradients that are too long": optimizerCase(sgd, 2),
  "clipGradients() of gradients that are short": optimizerCase(sgd, 1000),
};
