import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import type { Detector } from "../detectors/detector.ts";
import {
  type DetectorConfig,
  type ResolvedDetectorConfig,
  resolveDetectorConfig,
} from "../detectors/detector_config.ts";
import { loadDetectorWeights } from "../detectors/load_detector_weights.ts";
import { decodeCheckpoint, isCheckpoint } from "./checkpoint_file.ts";
import { requireEqualOutputs } from "./equal_outputs.ts";
import { type HostTensor, writeSafetensors } from "./safetensors.ts";
import { restoreState } from "./state.ts";
import { writeTorchStateDict } from "./torch_state_dict.ts";
import {
  liesAsInMemory,
  parseWeights,
  PUBLISHED,
  readBytes,
  type WeightsFile,
} from "./weights_file.ts";
import { writeWeightsFile } from "./write_weights_file.ts";

/** What is published, and where to. */
export interface PublishOptions {
  /** The file to publish: any that {@linkcode readWeightsFile} reads. */
  readonly from: string;
  /** Where to; made if need be. */
  readonly folder: string;
  /** What the file's name begins with; that of `from` unless given. */
  readonly name?: string;
  /** The detector whose weights they are; may be left out where the file says. */
  readonly detector?: DetectorConfig;
  /** Names of its classes, the file's if it has any; may be left out. */
  readonly classes?: readonly string[];
  /**
   * "safetensors" unless given: it carries the detector and the classes. "pth" is
   * a plain state dict.
   */
  readonly format?: "safetensors" | "pth";
}

/** What was published. */
export interface PublishedFile {
  /** `name-abcdef12.safetensors`, or `.pth`. */
  readonly path: string;
  /** The file's SHA-256, 64 hex digits; the first 8 are in its name. */
  readonly sha256: string;
  /** Names of tensors that were left out. */
  readonly leftOut: readonly string[];
  /** How many output values were compared, and equal bit by bit. */
  readonly outputs: number;
}

/**
 * Publishes a detector's weights: leaves out all but the student's parameters
 * and buffers, names the file by its hash, and proves on a fixed image that the
 * detector's outputs are the same as before, bit by bit.
 *
 * MMDetection's `load_state_dict(strict=True)` takes what is published: beside
 * the weights it has the bins' values, `bbox_head.integral.project`, where boxes
 * are distributions.
 *
 * An engine, or a backend of tfjs, must be open. Nothing is written before the
 * proof.
 *
 * @param options What is published, and where to.
 * @returns The file, and what was left out.
 * @throws {RangeError} If neither the file nor the options say which detector it
 * is; if its classes are not the detector's; if the weights are no finite
 * numbers; if the name is no plain one.
 * @throws {TypeError} If the weights are another detector's.
 * @throws {Error} What {@linkcode readWeightsFile} throws; or if outputs changed,
 * or the file cannot be written.
 * @see MMDetection's `tools/model_converters/publish_model.py`, which names files
 * so.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { exportWeights } from "ldlab/detectors/weights.ts";
 * import { publishWeights } from "ldlab/train/publish_weights.ts";
 * import { writeSafetensors } from "ldlab/train/safetensors.ts";
 *
 * const detector = {
 *   kind: "gfl", numClasses: 1, backbone: { depth: 18, baseWidth: 2 },
 *   neckChannels: 4, headChannels: 4, headConvs: 1, groups: 1,
 * } as const;
 * const folder = await Deno.makeTempDir();
 * const from = `${folder}/tiny.safetensors`;
 * const weights = await exportWeights(createDetector(detector, { seed: 1 }));
 * await Deno.writeFile(from, writeSafetensors(weights));
 * const { path } = await publishWeights({ from, folder, detector });
 * assert.match(path, /tiny-[0-9a-f]{8}\.safetensors$/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function publishWeights(
  options: PublishOptions,
): Promise<PublishedFile> {
  const { from, folder, format = "safetensors" } = options;
  const name = options.name ?? nameOf(from);
  if (!/^[A-Za-z0-9][A-Za-z0-9._+@-]*$/.test(name)) {
    throw new RangeError(
      `Cannot publish ${from}: its name must be of letters, digits and ` +
        `._+@-: current one is '${name}'`,
    );
  }
  const original = await readBytes(from);
  const file = await parseWeights(original, from);
  const given = options.detector ?? file.detector;
  if (!given) {
    throw new RangeError(
      `Cannot publish ${from}: it does not say which detector it is of. Give ` +
        `the detector's configuration`,
    );
  }
  const detector = resolveDetectorConfig(given);
  const classes = options.classes ?? file.classes;
  const tensors = withIntegral(file.tensors, detector);
  const bytes = format === "pth"
    ? writeTorchStateDict(tensors)
    : writeSafetensors(tensors, {
      format: "pt", // whose layout it is, for readers that ask
      [PUBLISHED]: JSON.stringify({ detector, classes }),
    });
  const published = await parseWeights(bytes, `${name}.${format}`);
  const outputs = await requireEqualOutputs(detector, [
    await originalLoader(original, file, { from, classes }),
    (fresh) => loadDetectorWeights(fresh, published, { classes }),
  ]);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = join(folder, `${name}-${sha256.slice(0, 8)}.${format}`);
  await writeWeightsFile(path, [bytes]);
  return { path, sha256, leftOut: file.leftOut, outputs };
}

/**
 * Weights with the constants 0 … regMax that the reference's heads keep beside
 * them, where boxes are distributions: a strict `load_state_dict` wants them.
 */
function withIntegral(
  tensors: ReadonlyMap<string, HostTensor>,
  { regMax }: ResolvedDetectorConfig,
): ReadonlyMap<string, HostTensor> {
  const name = "bbox_head.integral.project";
  if (regMax === null || tensors.has(name)) return tensors;
  const data = Float32Array.from({ length: regMax + 1 }, (_, bin) => bin);
  return new Map([
    ...tensors,
    [name, { shape: [data.length], dtype: "float32", data }],
  ]);
}

/** A file's name without its ending and the hash of an earlier publication. */
function nameOf(path: string): string {
  return basename(path).replace(/(-[0-9a-f]{8})?\.[a-z]+$/i, "");
}

/**
 * What gives a detector the original weights, as they were used: a checkpoint
 * that training goes on from is restored, not converted.
 */
async function originalLoader(
  bytes: Uint8Array,
  file: WeightsFile,
  { from, classes }: Pick<PublishOptions, "from" | "classes">,
): Promise<(detector: Detector) => void> {
  const state = isCheckpoint(bytes)
    ? (await decodeCheckpoint(bytes, from)).tensors
    : new Map<string, HostTensor>();
  if (!liesAsInMemory(state)) {
    return (detector) => loadDetectorWeights(detector, file, { classes });
  }
  return ({ parameters, buffers }) => {
    const variables = new Map([...parameters, ...buffers]);
    const own = [...state].filter(([name]) => file.tensors.has(name));
    restoreState(variables, new Map(own), from);
  };
}
