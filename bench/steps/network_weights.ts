import {
  createDetector,
  type Detector,
  type DetectorConfig,
  exportWeights,
  type HostWeight,
  loadWeights,
} from "../../lib/detectors/mod.ts";
import { createRandom, standardNormal, uniform } from "../../lib/random/mod.ts";
import { writeSafetensors } from "../../lib/train/mod.ts";

/** A network for both sides: its settings, and a file with its weights. */
export interface SharedNetwork {
  readonly config: Required<DetectorConfig>;
  /** Path of a safetensors file. */
  readonly weights: string;
}

/**
 * Makes a detector and leaves its weights in a file for the peer.
 *
 * The weights are random, but like a trained network's in what matters here:
 * every residual branch counts (fresh ones are 0 times something), running
 * statistics differ, distributions have a shape, and a few scores of a thousand
 * are above the threshold of detection.
 *
 * @param config The network.
 * @param seed Of the weights.
 * @param path Where the file is written.
 */
export async function makeSharedNetwork(
  config: DetectorConfig,
  seed: number,
  path: string,
): Promise<{ detector: Detector; shared: SharedNetwork }> {
  const detector = createDetector(config, { seed });
  const weights = await exportWeights(detector);
  for (const [name, weight] of weights) liven(name, weight, seed);
  loadWeights(detector, weights);
  await Deno.writeFile(path, writeSafetensors(weights));
  return { detector, shared: { config: detector.config, weights: path } };
}

function liven(name: string, { data }: HostWeight, seed: number): void {
  const random = createRandom(seed, name);
  const set = (value: (old: number) => number) =>
    data.forEach((old, i) => data[i] = value(old));
  if (/\.bn\d\.weight$/.test(name)) set(() => uniform(random, 0.4, 0.8));
  if (name.endsWith("running_mean")) set(() => 0.1 * standardNormal(random));
  if (name.endsWith("running_var")) set(() => uniform(random, 0.8, 1.2));
  if (name.endsWith("gfl_reg.weight")) set((old) => 5 * old);
  if (name.endsWith("gfl_cls.weight")) set((old) => 1.5 * old);
}
