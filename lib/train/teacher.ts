// B images, A locations of all levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../data/training_batches.ts";
import type { Detector } from "../detectors/detector.ts";
import type { NetworkOutputs } from "../distill/term_inputs.ts";
import { compile } from "../engine/compile.ts";
import type {
  CompiledStep,
  CompileOptions,
} from "../engine/compile_options.ts";

/**
 * How many signatures of a step or a teacher stay recorded: far more than a data
 * set has sizes of batches, as recording takes seconds.
 */
export const SIGNATURES = 32;

/** What kept outputs of a teacher may take in memory: 1 GiB. */
export const TEACHER_CACHE_BYTES = 2 ** 30;

/** How a teacher's forward pass is compiled, and what is kept of it. */
export interface TeacherOptions
  extends Pick<CompileOptions, "onRecord" | "precision" | "onNotice"> {
  /**
   * Whether its features are given too, as imitation needs them (`termNeeds`);
   * false unless given.
   */
  readonly features?: boolean;
}

/** The images of a batch and what is known of them. */
export type TeacherBatch = Pick<Batch, "images" | "size" | "keys">;

/** Where the outputs of a frozen teacher come from. */
export interface TeacherOutputs {
  /**
   * What the teacher says about a batch: class logits [B, A, C], box logits
   * [B, A, 4, n] and, if it was opened so, features, [B, H, W, D] of each level.
   * The caller owns them.
   *
   * @param batch The batch.
   * @param images Its images, [B, H, W, 3], where they are a tensor already: to a
   * card they are then copied once. The caller's.
   */
  of(batch: TeacherBatch, images?: tf.Tensor4D): Promise<NetworkOutputs>;
  /** Bytes of host memory that kept outputs take. */
  readonly bytes: number;
  /** Frees what was compiled and kept. The teacher belongs to the caller. */
  dispose(): void;
}

/**
 * A frozen teacher that looks at every batch anew: for jittered images, and
 * where its outputs for all images would not fit the memory. It is recorded once
 * for each size of batches.
 *
 * @param teacher The detector, in eval mode whatever it was trained with.
 * @param options.features Whether its features are given too.
 * @param options.onRecord Told before the teacher is recorded, which blocks;
 * awaited.
 * @param options.precision What its convolutions compute in; `float32` unless
 * given.
 * @param options.onNotice Told if that precision is not to be had; else the
 * console is.
 * @returns The source of its outputs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { liveTeacher } from "ldlab/train/teacher.ts";
 *
 * await openEngine();
 * const teacher = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const outputs = liveTeacher(teacher);
 * const size = { width: 64, height: 64 };
 * const images = new Float32Array(64 * 64 * 3);
 * const { boxLogits } = await outputs.of({ images, size, keys: [undefined] });
 * assert.deepEqual(boxLogits.shape, [1, 86, 4, 17]);
 * outputs.dispose();
 * teacher.dispose();
 * ```
 */
export function liveTeacher(
  teacher: Detector,
  options: TeacherOptions = {},
): TeacherOutputs {
  const forward = compileTeacher(teacher, options);
  return {
    bytes: 0,
    of: async ({ images, size: { height, width }, keys }, given) => {
      if (given !== undefined) return gather(await forward({ images: given }));
      const tensor = tf.tensor4d(images, [keys.length, height, width, 3]);
      const outputs = await forward({ images: tensor })
        .finally(() => tensor.dispose());
      return gather(outputs);
    },
    dispose: () => forward.dispose(),
  };
}

/**
 * A frozen teacher that looks at each image once: what it says about equal
 * pixels never changes. Several runs may share it, one after another.
 *
 * Images are told apart by the loader's keys (image file, flip and, where it is
 * drawn, the size) and the size of the batch. Each is run by itself, so that its
 * outputs, to the last bit, depend on neither its batch nor on whether a run was
 * resumed. An image without a key (jittered) is run each time.
 *
 * @param teacher The detector, in eval mode whatever it was trained with.
 * @param options.cacheBytes What the kept outputs may take; 1 GiB unless given,
 * which is 3700 images of 256 × 192 with 3 classes and 17 bins, or 800 of them
 * with features of 256 channels. Images beyond are run each time.
 * @param options.features Whether its features are given too.
 * @param options.onRecord Told before the teacher is recorded, which blocks;
 * awaited.
 * @param options.precision What its convolutions compute in; `float32` unless
 * given.
 * @param options.onNotice Told if that precision is not to be had; else the
 * console is.
 * @returns The source of its outputs; `bytes` says how much it keeps.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { cachedTeacher } from "ldlab/train/teacher.ts";
 *
 * await openEngine();
 * const teacher = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const outputs = cachedTeacher(teacher);
 * const size = { width: 64, height: 64 };
 * const images = new Float32Array(2 * 64 * 64 * 3).fill(0.5);
 * const keys = ["cells_1.jpg|none", "cells_1.jpg|none"];
 * const { classLogits, boxLogits } = await outputs.of({ images, size, keys });
 * assert.deepEqual(classLogits.shape, [2, 86, 3]);
 * assert.equal(outputs.bytes, 86 * (3 + 4 * 17) * 4); // one image is kept
 * classLogits.dispose();
 * boxLogits.dispose();
 * outputs.dispose();
 * teacher.dispose();
 * ```
 */
export function cachedTeacher(
  teacher: Detector,
  { cacheBytes = TEACHER_CACHE_BYTES, ...options }:
    & { cacheBytes?: number }
    & TeacherOptions = {},
): TeacherOutputs {
  const forward = compileTeacher(teacher, options);
  const kept = new Map<string, HostOutputs>();
  let bytes = 0;

  const compute = async (
    image: Float32Array,
    { height, width }: TeacherBatch["size"],
  ): Promise<HostOutputs> => {
    const tensor = tf.tensor4d(image, [1, height, width, 3]);
    const outputs = await forward({ images: tensor })
      .finally(() => tensor.dispose());
    const read = Object.entries(outputs).map(async ([name, tensor]) => {
      const data = await tensor.data<"float32">();
      return [name, { shape: tensor.shape, data }] as const;
    });
    return await Promise.all(read).finally(() => tf.dispose(outputs));
  };
  return {
    get bytes() {
      return bytes;
    },
    of: async ({ images, size, keys }) => {
      const rows: HostOutputs[] = [];
      const pixels = size.height * size.width * 3;
      for (const [i, image] of keys.entries()) {
        const key = image && `${size.width}x${size.height} ${image}`;
        let row = key === undefined ? undefined : kept.get(key);
        if (!row) {
          const input = images.subarray(i * pixels, (i + 1) * pixels);
          row = await compute(input, size);
          const length = row
            .reduce((sum, [, { data }]) => sum + data.byteLength, 0);
          if (key !== undefined && bytes + length <= cacheBytes) {
            kept.set(key, row);
            bytes += length;
          }
        }
        rows.push(row);
      }
      return gather(upload(rows));
    },
    dispose: () => {
      forward.dispose();
      kept.clear();
      bytes = 0;
    },
  };
}

/** The teacher's forward pass with what terms look at, by name. */
function compileTeacher(
  teacher: Detector,
  { features: keepsFeatures = false, ...options }: TeacherOptions,
): CompiledStep<{ images: tf.Tensor4D }, tf.NamedTensorMap> {
  return compile(({ images }: { images: tf.Tensor4D }) => {
    const outputs = teacher.forward(images, { training: false });
    const { classLogits, boxLogits, features } = outputs;
    const maps = keepsFeatures ? features : [];
    return {
      classLogits,
      boxLogits,
      ...Object.fromEntries(maps.map((map, level) => [`${level}`, map])),
    };
  }, { name: "teacher", signatures: SIGNATURES, ...options });
}

/** What the teacher says about one image, on the host: [1, …] by name. */
type HostOutputs = readonly (readonly [
  name: string,
  values: { readonly shape: readonly number[]; readonly data: Float32Array },
])[];

/** Rows of images, joined: [B, …] by name. */
function upload(rows: readonly HostOutputs[]): tf.NamedTensorMap {
  return Object.fromEntries(rows[0].map(([name, { shape, data }], at) => {
    const joined = new Float32Array(rows.length * data.length);
    rows.forEach((row, i) => joined.set(row[at][1].data, i * data.length));
    return [name, tf.tensor(joined, [rows.length, ...shape.slice(1)])];
  }));
}

/** Outputs by name as a network's, features in the order of levels. */
function gather(outputs: tf.NamedTensorMap): NetworkOutputs {
  const { classLogits, boxLogits, ...maps } = outputs;
  // Names that are numbers come in their order.
  const features = Object.values(maps) as tf.Tensor4D[];
  return {
    classLogits: classLogits as tf.Tensor3D,
    boxLogits: boxLogits as tf.Tensor4D,
    ...(features.length > 0 && { features }),
  };
}
