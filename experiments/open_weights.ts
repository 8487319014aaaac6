import { readWeightsFile, type WeightsFile } from "../lib/train/mod.ts";
import { classesOf } from "./class_names.ts";
import type { RunConfig } from "./config.ts";

/**
 * Reads a file of weights, and what the config of the run says if it is a file of
 * one: its detector and its classes.
 *
 * @param path A `.pth`, a safetensors file, or a run's weights or checkpoint.
 * @returns The weights; `detector` and `classes` where the file says them.
 * @throws {Error} What `readWeightsFile()` throws.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodeCheckpoint } from "../lib/train/mod.ts";
 * import { SCALES } from "./scales.ts";
 * import { withNumerics } from "./store.ts";
 * const one = { shape: [1], dtype: "float32", data: new Float32Array(1) } as const;
 * const parts = await encodeCheckpoint({
 *   tensors: new Map([["w", one]]), position: { iteration: 1, epoch: 1, index: 0 },
 *   seeds: {}, seconds: 1, config: withNumerics(SCALES.smoke.student),
 * });
 * const path = Deno.makeTempFileSync();
 * await Deno.writeFile(path, Uint8Array.from(parts.flatMap((part) => [...part])));
 * const { detector, classes } = await openWeights(path);
 * assert.deepEqual(detector, SCALES.smoke.student.model);
 * assert.deepEqual(classes, ["disc", "block", "diamond"]);
 * ```
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  const file = await readWeightsFile(path);
  const { run } = (file.config ?? {}) as { run?: RunConfig };
  if (!run?.model || !run.data) return file; // of no run, or of another program
  return { ...file, detector: run.model, classes: classesOf(run.data) };
}
