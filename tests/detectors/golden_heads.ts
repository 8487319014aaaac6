/** Heads on the golden weights of dense_heads.*, and what they must give. */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { DenseHead, HeadOutputs } from "ldlab/detectors/dense_head.ts";
import { openScope, type Scope } from "ldlab/nn/scope.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import {
  assertClose,
  type GoldenCase,
  goldenCases,
  goldenTensors,
} from "../golden.ts";
import { fromLevelMaps, fromMaps } from "./dense_heads.ts";

/** The tensors of dense_heads.safetensors. */
export const headTensors = await goldenTensors("dense_heads");

type Params = GoldenCase["params"];
/** Makes a head from the settings of a case. */
export type Make = (scope: Scope, params: Params) => DenseHead<HeadOutputs>;

/** The cases of a kind of head, settings as ldlab's options. */
export async function headCases(kind: string): Promise<GoldenCase[]> {
  const cases = await goldenCases(
    "dense_heads",
    ({ params }) => params.kind === kind,
  );
  return cases.map((one) => ({
    ...one,
    params: {
      ...one.params,
      levels: one.params.strides.length,
      regMax: one.params.regMax ?? undefined,
    },
  }));
}

/** Whether a case has factors of its scores in place of losses. */
export function pulled({ outputs }: GoldenCase): boolean {
  return "pulled" in outputs.losses;
}

/** A case's weights, as PyTorch lays them out, and its features. */
export function headInputs(
  name: string,
): { weights: string[]; inputs: Record<string, HostValues> } {
  const inputs: Record<string, HostValues> = {};
  const start = `${name}/weights/`;
  for (const [key, { shape, data }] of headTensors) {
    if (key.startsWith(start)) {
      inputs[key.slice(start.length)] = {
        shape: [...shape],
        data: Float32Array.from(data),
      };
    }
  }
  const weights = Object.keys(inputs);
  fromLevelMaps(headTensors, `${name}/in`).forEach((feature, level) => {
    inputs[`level ${level}`] = feature;
  });
  return { weights, inputs };
}

/** Runs a head on given weights and features. */
export function runHead<Outputs extends HeadOutputs>(
  make: (scope: Scope, params: Params) => DenseHead<Outputs>,
  params: Params,
  given: Record<string, tf.Tensor>,
): Outputs {
  const features = Array.from(
    { length: params.levels },
    (_, level) => given[`level ${level}`] as tf.Tensor4D,
  );
  return make(scopeOf(given, ""), params)(features);
}

// A scope in which all weights are there already.
function scopeOf(given: Record<string, tf.Tensor>, prefix: string): Scope {
  const parameter: Scope["parameter"] = (name) => {
    const weight = given[prefix + name];
    return (weight.rank === 4
      ? tf.transpose(weight, [2, 3, 1, 0])
      : weight) as tf.Variable;
  };
  return {
    frozen: false,
    child: (name) => scopeOf(given, `${prefix}${name}.`),
    parameter,
    buffer: parameter,
  };
}

/** Fails unless a head gives the golden outputs of its kind, wherever it runs. */
export async function assertOutputs(kind: string, make: Make): Promise<void> {
  for (const { name, params } of await headCases(kind)) {
    const { inputs } = headInputs(name);
    const outputs = ["classLogits", "boxLogits", "centerness", "scores"]
      .filter((output) => headTensors.has(`${name}/${output}.0`));
    for (const output of outputs) {
      const f = (given: Record<string, tf.Tensor>) =>
        (runHead(make, params, given) as unknown as Record<string, tf.Tensor>)[
          output
        ];
      const expected = fromMaps(headTensors, `${name}/${output}`);
      for (const [place, { value }] of await everywhere(f, inputs)) {
        assertClose(
          value,
          expected.data,
          { ofLargest: 1e-5 },
          `${name} on ${place}: ${output}`,
        );
      }
    }
  }
}

/** Fails unless a head starts as the golden ones of its kind did. */
export async function assertStart(kind: string, make: Make): Promise<void> {
  for (const { name, params, outputs } of await headCases(kind)) {
    const { scope, variables } = openScope({ seed: 1 });
    make(scope, params);
    assert.deepEqual(
      [...variables.parameters.keys()],
      Object.keys(outputs.start),
      name,
    );
    for (const [key, variable] of variables.parameters) {
      const what = `${name}: ${key}`;
      const { mean, deviation, shape } = outputs.start[key];
      const own = variable.rank === 4
        ? [3, 2, 0, 1].map((axis) => variable.shape[axis])
        : variable.shape;
      assert.deepEqual(own, shape, what);
      const values = await variable.data<"float32">();
      const count = values.length;
      const ownMean = values.reduce((sum, v) => sum + v, 0) / count;
      const variance = values.reduce((sum, v) => sum + (v - ownMean) ** 2, 0) /
        count;
      // Both are samples: means differ by √2 deviations over the root of their
      // number, deviations by one; four times that is chance no more.
      const chance = 4 * deviation / Math.sqrt(count) + 2e-6;
      assert.ok(Math.abs(ownMean - mean) < Math.SQRT2 * chance, what);
      assert.ok(Math.abs(Math.sqrt(variance) - deviation) < chance, what);
    }
    tf.dispose([...variables.parameters.values()]);
  }
}
