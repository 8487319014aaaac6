/**
 * The backbones of the golden files backbones.*, which MMDetection ran. Their
 * weights are a hash of their names: make_backbones.py and make_detectors.py fill
 * their networks so.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Backbone } from "ldlab/detectors/residual_backbone.ts";
import { loadWeights } from "ldlab/detectors/weights.ts";
import {
  type NetworkVariables,
  openScope,
  type Scope,
} from "ldlab/nn/scope.ts";
import { type GoldenCase, goldenCases, goldenTensors } from "../golden.ts";

const cases = await goldenCases("backbones");

/** C2 to C5, [B, C, H, W], as `case/mode/C2`. */
export const backboneMaps = await goldenTensors("backbones");

/** The cases of one of MMDetection's classes. */
export function backboneCases(kind: string): GoldenCase[] {
  return cases.filter(({ source }) => source.endsWith(` ${kind}`));
}

/** A backbone with its variables. */
export interface OpenBackbone extends NetworkVariables {
  backbone: Backbone;
  dispose(): void;
}

/** Opens a network of its own for a backbone. */
export function openBackbone(make: (scope: Scope) => Backbone): OpenBackbone {
  const { scope, variables } = openScope({ seed: null });
  return {
    ...variables,
    backbone: make(scope),
    dispose: () => {
      for (const map of [variables.parameters, variables.buffers]) {
        tf.dispose([...map.values()]);
      }
    },
  };
}

/**
 * Gives a backbone, or a whole detector, the golden weights; what stands before
 * their names makes others.
 */
export function fillBackbone(network: NetworkVariables, before = ""): void {
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const map of [network.parameters, network.buffers]) {
    for (const [name, { shape }] of map) {
      const [kh, kw, input, output] = shape;
      const own = shape.length === 4 ? [output, input, kh, kw] : shape;
      weights.set(name, { shape: own, data: fill(before + name, own) });
    }
  }
  loadWeights(network, weights);
}

/** The golden images [B, H, W, 3], in [−2, 2). */
export function backboneImages({ inputs }: GoldenCase): tf.Tensor4D {
  return noiseImages(inputs.images);
}

/** Images [B, H, W, 3] in [−2, 2) from their shape [B, 3, H, W]. */
export function noiseImages(shape: [number, number, number, number]) {
  const values = noise("images", shape).map((u) => 4 * (u - 0.5));
  return tf.tidy(() =>
    tf.transpose<tf.Tensor4D>(tf.tensor4d(values, shape), [0, 2, 3, 1])
  );
}

/** Σ C2 … C5 · factors, whose gradients the golden files have. */
export function weightedSum(maps: tf.Tensor4D[]): tf.Scalar {
  return tf.addN(maps.map((map, i) => {
    const [batch, height, width, channels] = map.shape;
    const shape: [number, number, number, number] = [
      batch,
      channels,
      height,
      width,
    ];
    const factors = noise(`C${i + 2}`, shape).map((u) => u - 0.5);
    return tf.sum(
      tf.mul(map, tf.transpose(tf.tensor4d(factors, shape), [0, 2, 3, 1])),
    );
  })) as tf.Scalar;
}

function fill(name: string, shape: number[]): Float32Array {
  const size = name.includes("conv_offset") ? 0.2 : 1;
  const value = shape.length === 4
    ? (u: number) =>
      size * (u - 0.5) * Math.sqrt(24 / (shape[1] * shape[2] * shape[3]))
    : name.endsWith("running_var")
    ? (u: number) => 0.5 + u
    : name.endsWith("weight") || name.endsWith("scale")
    ? (u: number) => name.includes("bn3") ? 0.2 + 0.2 * u : 0.5 + u
    : (u: number) => 0.4 * (u - 0.5);
  return Float32Array.from(noise(name, shape), value);
}

/** Numbers in [0, 1) from a hash of the name and each place. */
function noise(name: string, shape: readonly number[]): number[] {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) {
    seed = Math.imul(seed ^ byte, 16777619);
  }
  return Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    let x = Math.imul(i, 2654435761) + seed >>> 0;
    for (const multiplier of [0x85EBCA6B, 0xC2B2AE35]) {
      x = Math.imul(x ^ (x >>> 16), multiplier) >>> 0;
    }
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  });
}
