import type { DetectorConfig } from "../detectors/detector_config.ts";
import type { Json } from "./canonical_json.ts";
import { decodeCheckpoint, isCheckpoint } from "./checkpoint_file.ts";
import { type HostTensor, readSafetensors } from "./safetensors.ts";
import { stateDictOf } from "./state_dict_of.ts";
import { readTorchCheckpoint } from "./torch_checkpoint.ts";

/** What a file of weights says, whatever its format. */
export interface WeightsFile {
  /** Parameters and buffers by PyTorch's names and in its layout. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /**
   * Names that were left out: the optimizer's state, a teacher's weights, the
   * layers of distillation terms, and moving averages.
   */
  readonly leftOut: readonly string[];
  /** Names of the detector's classes, where the file has them. */
  readonly classes?: readonly string[];
  /** The configuration of the run, where the file is a checkpoint of one. */
  readonly config?: Json;
  /**
   * The detector's configuration, where {@linkcode publishWeights} wrote it; not
   * checked yet.
   */
  readonly detector?: DetectorConfig;
}

/**
 * What stands beside a student in checkpoints, ours and those of OpenMMLab and of
 * the first LD, whose head holds its teacher.
 */
const BESIDE = /^(optimizer|distill|ema)\.|^ema_|(^|\.)teacher(_model)?\./;
/** What an array of bytes can hold on all machines. */
const LARGEST = 2 ** 32;
/** The key of our metadata in a safetensors file. */
export const PUBLISHED = "ldlab";

/**
 * Reads a file of weights: a PyTorch or MMDetection checkpoint, a safetensors
 * file, or a checkpoint of a run. The format is told by the content.
 *
 * Use it wherever weights come from a file, then load them with
 * {@linkcode loadDetectorWeights}, {@linkcode loadBackbone} or
 * {@linkcode loadWeights}. Nothing of the file is executed.
 *
 * Only the network's own tensors are given: not the state of an optimizer, nor a
 * teacher, nor moving averages beside the weights (`ema_…`), as OpenMMLab
 * publishes. The `module.` of parallel training is taken off.
 *
 * @param path The file.
 * @returns The weights, and what else the file says of them.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {RangeError} If it has 4 GiB or more, or no weights in it.
 * @throws {SyntaxError} If it is cut off, altered, of another format, or asks
 * for anything but data.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readWeightsFile } from "ldlab/train/weights_file.ts";
 * import { writeTorchStateDict } from "ldlab/train/torch_state_dict.ts";
 *
 * const one = { shape: [1], dtype: "float32", data: new Float32Array([1]) } as const;
 * const path = await Deno.makeTempFile({ suffix: ".pth" });
 * const tensors = new Map([["fc.bias", one], ["teacher.fc.bias", one]]);
 * await Deno.writeFile(path, writeTorchStateDict(tensors));
 * const weights = await readWeightsFile(path);
 * assert.deepEqual([...weights.tensors.keys()], ["fc.bias"]);
 * assert.deepEqual(weights.leftOut, ["teacher.fc.bias"]);
 * await Deno.remove(path);
 * ```
 */
export async function readWeightsFile(path: string): Promise<WeightsFile> {
  return await parseWeights(await readBytes(path), path);
}

/**
 * What {@linkcode readWeightsFile} gives, of bytes at hand.
 *
 * @param bytes The whole file.
 * @param source Named in errors.
 * @returns The weights, and what else the file says of them.
 * @throws {RangeError | SyntaxError} As `readWeightsFile()`.
 */
export async function parseWeights(
  bytes: Uint8Array,
  source: string,
): Promise<WeightsFile> {
  const { tensors: all, ...rest } = await parse(bytes, source);
  const names = [...all.keys()];
  const leftOut = names.filter((name) => BESIDE.test(name));
  const own = [...all].filter(([name]) => !BESIDE.test(name));
  if (own.length > 0) {
    const turned = isCheckpoint(bytes) && liesAsInMemory(all);
    const tensors = new Map(
      own.map(([name, tensor]) => [
        name,
        turned ? inTorchsLayout(tensor) : tensor,
      ]),
    );
    return { tensors, leftOut, ...rest };
  }
  throw new RangeError(
    `Cannot find weights in ${source}: it has ` +
      (names.length > 0
        ? `'${names.slice(0, 3).join("', '")}' and the like only`
        : "no tensors"),
  );
}

/** All bytes of a file of weights. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (isFile && size < LARGEST) return await Deno.readFile(path);
    throw new RangeError(
      `Cannot read weights ${path}: it must be a file of less than 4 GiB: ` +
        (isFile ? `current size is ${size} bytes` : "it is a folder"),
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read weights ${path}: there is no such file`,
    );
  }
}

async function parse(
  bytes: Uint8Array,
  source: string,
): Promise<Omit<WeightsFile, "leftOut">> {
  if (isCheckpoint(bytes)) {
    const { tensors, config } = await decodeCheckpoint(bytes, source);
    return { tensors, config };
  }
  if (isSafetensors(bytes, source)) {
    const { tensors, metadata } = readSafetensors(bytes, source);
    return { tensors, ...publishedIn(metadata, source) };
  }
  const checkpoint = readTorchCheckpoint(bytes, source);
  try {
    const tensors = stateDictOf(checkpoint);
    return { tensors, classes: classesIn(checkpoint) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${error.message} (${source})`, { cause: error });
  }
}

/** By its content; by its name where that is neither format. */
function isSafetensors(bytes: Uint8Array, source: string): boolean {
  if (bytes[8] === 0x7b) return true; // the "{" that its header begins with
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b; // "PK"
  const pickle = bytes[0] === 0x80;
  return !zip && !pickle && source.endsWith(".safetensors");
}

/**
 * Whether a checkpoint's tensors are a step's variables as they lie in memory,
 * with filters [kh, kw, i, o]: one that training goes on from, which the
 * optimizer's state tells.
 */
export function liesAsInMemory(
  tensors: ReadonlyMap<string, HostTensor>,
): boolean {
  return [...tensors.keys()].some((name) => name.startsWith("optimizer."));
}

/** A filter [kh, kw, i, o] as [o, i, kh, kw]; other tensors as they are. */
function inTorchsLayout(tensor: HostTensor): HostTensor {
  const { shape, dtype, data } = tensor;
  if (shape.length !== 4) return tensor;
  const [kh, kw, i, o] = shape;
  const taps = kh * kw;
  const turned = data.slice();
  let at = 0;
  for (let to = 0; to < o; to++) {
    for (let from = 0; from < i; from++) {
      for (let tap = 0; tap < taps; tap++) {
        turned[at++] = data[(tap * i + from) * o + to];
      }
    }
  }
  return { shape: [o, i, kh, kw], dtype, data: turned };
}

/** What {@linkcode publishWeights} left in the metadata. */
function publishedIn(
  { [PUBLISHED]: text }: Record<string, string>,
  source: string,
): Pick<WeightsFile, "classes" | "detector"> {
  if (text === undefined) return {};
  try {
    const { detector, classes } = JSON.parse(text);
    return { detector, ...(areNames(classes) && { classes }) };
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${source}: its metadata '${PUBLISHED}' are not JSON`,
      { cause: error },
    );
  }
}

/** MMDetection's class names: `meta.CLASSES`, or of 3.x `meta.dataset_meta`. */
function classesIn(checkpoint: unknown): readonly string[] | undefined {
  const at = (map: unknown, key: string) =>
    map instanceof Map ? map.get(key) : undefined;
  const meta = at(checkpoint, "meta");
  const dataset = at(meta, "dataset_meta");
  return [at(dataset, "classes"), at(dataset, "CLASSES"), at(meta, "CLASSES")]
    .find(areNames);
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) &&
    value.every((name) => typeof name === "string");
}
