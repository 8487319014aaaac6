import type { Detector } from "./detector.ts";
import { matchWeights } from "./match_weights.ts";
import { loadWeights, type NamedWeights } from "./weights.ts";

/** Layers of a head whose outputs are classes: `gfl_cls`, `conv_cls`, … */
const CLASS_LAYER = /_cls\.(weight|bias)$/;

/**
 * Gives a detector all weights of a file, and looks whether its classes are the
 * file's.
 *
 * Use it on a whole detector's checkpoint, ours or MMDetection's: a teacher, or
 * one to be evaluated. {@linkcode loadMatchingWeights} starts a detector from
 * one with other classes, {@linkcode loadBackbone} from a classifier.
 *
 * @param detector Its parameters and buffers change.
 * @param file.tensors By MMDetection's names and in PyTorch's layout, as
 * `readWeightsFile()` gives them; each of the detector's, and no others.
 * @param file.classes Names of the file's classes, if it has them.
 * @param options.classes Names of the detector's classes, in the order of its
 * outputs: the dataset's. Not given: only their number counts.
 * @throws {RangeError} If the number of classes differs, or a name or its place;
 * if a tensor is missing or unknown.
 * @throws {TypeError} If another shape differs. Nothing is loaded then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { loadDetectorWeights } from "ldlab/detectors/load_detector_weights.ts";
 * import { exportWeights } from "ldlab/detectors/weights.ts";
 *
 * const rest = {
 *   kind: "gfl", backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8,
 *   headChannels: 8, headConvs: 1, groups: 4,
 * } as const;
 * const three = createDetector({ ...rest, numClasses: 3 }, { seed: 1 });
 * const two = createDetector({ ...rest, numClasses: 2 }, { seed: null });
 * const file = { tensors: await exportWeights(three), classes: ["a", "b", "c"] };
 * assert.throws(
 *   () => loadDetectorWeights(two, file, { classes: ["a", "c"] }),
 *   /the head has 2 classes, the file 3; only the file has 'b'/,
 * );
 * three.dispose();
 * two.dispose();
 * ```
 */
export function loadDetectorWeights(
  detector: Detector,
  file: {
    readonly tensors: NamedWeights;
    readonly classes?: readonly string[];
  },
  { classes }: { readonly classes?: readonly string[] } = {},
): void {
  const { numClasses } = detector.config;
  if (classes && classes.length !== numClasses) {
    throw new RangeError(
      `Cannot load weights: ${classes.length} classes are named, the head has ` +
        `${numClasses}`,
    );
  }
  const count = classesOf(detector, file.tensors);
  if (count !== numClasses) {
    throw new RangeError(
      `Cannot load weights: the head has ${numClasses} classes, the file ` +
        `${count}${difference(classes, file.classes)}`,
    );
  }
  const differs = difference(classes, file.classes);
  if (differs !== "") {
    throw new RangeError(
      "Cannot load weights: the classes of the head and of the file differ" +
        differs,
    );
  }
  loadWeights(detector, file.tensors);
}

/** How many classes a file's head has: the detector's own unless it differs. */
function classesOf(detector: Detector, weights: NamedWeights): number {
  const { numClasses } = detector.config;
  const { misshaped } = matchWeights(detector, weights);
  const layer = misshaped.find(({ name, expected, actual }) =>
    CLASS_LAYER.test(name) && expected[0] !== actual[0]
  );
  if (!layer) return numClasses;
  // The first axis is anchors times classes.
  const anchors = layer.expected[0] / numClasses;
  return layer.actual[0] / anchors;
}

/** What two lists of classes do not share, as the end of a sentence. */
function difference(
  head: readonly string[] | undefined,
  file: readonly string[] | undefined,
): string {
  if (!head || !file) return "";
  const only = (
    whose: string,
    own: readonly string[],
    of: readonly string[],
  ) => {
    const names = own.filter((name) => !of.includes(name));
    const few = names.slice(0, 5).map((name) => `'${name}'`).join(", ");
    const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
    return names.length > 0 ? `; only the ${whose} has ${few}${more}` : "";
  };
  const apart = only("head", head, file) + only("file", file, head);
  if (apart !== "") return apart;
  const at = head.findIndex((name, i) => name !== file[i]);
  return at < 0
    ? ""
    : `; their order differs: class ${at} is '${head[at]}' in the head and ` +
      `'${file[at]}' in the file`;
}
