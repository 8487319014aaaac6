import type { HostTensor } from "./safetensors.ts";

/** Where checkpoints keep their weights, in the order they are looked for. */
const PLACES = ["state_dict", "model", "model_state_dict"];

/**
 * The weights of a PyTorch checkpoint by name.
 *
 * Use it on what {@linkcode readTorchCheckpoint} gives. Without a place, they
 * are looked for under `state_dict` (MMDetection), `model` (torchvision's
 * training, DETR) and `model_state_dict`; else the checkpoint itself is one. The
 * `module.` that parallel training puts before every name is taken off.
 *
 * @param checkpoint What was saved.
 * @param place Key of another state dict, such as `ema_state_dict`.
 * @returns Tensors by name, in the file's order; what is no tensor is left out.
 * @throws {RangeError} If there is nothing under the key, or no tensor in it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stateDictOf } from "ldlab/train/state_dict_of.ts";
 *
 * const w = { shape: [1], dtype: "float32", data: new Float32Array([2]) } as const;
 * const weights = new Map([["module.w", w]]);
 * const checkpoint = new Map<string, unknown>([["state_dict", weights], ["epoch", 3]]);
 * assert.deepEqual([...stateDictOf(checkpoint)], [["w", w]]);
 * assert.throws(() => stateDictOf(checkpoint, "ema"), /'state_dict', 'epoch'/);
 * ```
 */
export function stateDictOf(
  checkpoint: unknown,
  place?: string,
): Map<string, HostTensor> {
  const found = dictionaryIn(checkpoint, place);
  const tensors = [...found].filter((item): item is [string, HostTensor] =>
    typeof item[0] === "string" && isTensor(item[1])
  );
  if (tensors.length === 0) {
    throw new RangeError(
      `Cannot find weights: there is no tensor among ${keysOf(found)}`,
    );
  }
  const parallel = tensors.every(([name]) => name.startsWith("module."));
  return new Map(
    tensors.map(([name, tensor]) => [
      parallel ? name.slice("module.".length) : name,
      tensor,
    ]),
  );
}

function dictionaryIn(
  checkpoint: unknown,
  place: string | undefined,
): ReadonlyMap<unknown, unknown> {
  if (!(checkpoint instanceof Map)) {
    throw new RangeError(
      "Cannot find weights: the checkpoint is no dictionary",
    );
  }
  const places = place === undefined ? PLACES : [place];
  const key = places.find((one) => checkpoint.get(one) instanceof Map);
  if (key !== undefined) return checkpoint.get(key);
  if (place === undefined) return checkpoint;
  throw new RangeError(
    `Cannot find weights under '${place}': the checkpoint has ` +
      keysOf(checkpoint),
  );
}

function keysOf(dictionary: ReadonlyMap<unknown, unknown>): string {
  const keys = [...dictionary.keys()].map((key) => `'${key}'`);
  return keys.length > 20
    ? `${keys.slice(0, 20).join(", ")} and ${keys.length - 20} more`
    : keys.join(", ") || "nothing";
}

function isTensor(value: unknown): boolean {
  return typeof value === "object" && value !== null && "dtype" in value &&
    "data" in value && "shape" in value;
}
