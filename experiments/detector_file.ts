import {
  createDetector,
  type Detector,
  type DetectorConfig,
  loadDetectorWeights,
} from "../lib/detectors/mod.ts";
import { openWeights } from "./open_weights.ts";
import { openRunEngine } from "./run_engine.ts";

/**
 * A detector with the weights of a file.
 *
 * @param path Any file that `openWeights()` reads.
 * @param config The detector; what the file says unless given.
 * @param options.classes Names of its classes, which those of the file are held
 * to.
 * @returns The detector; the caller disposes it.
 * @throws {RangeError} If neither says which detector it is, or classes differ.
 * @throws {Error} If the file cannot be read, or its weights do not fit.
 */
export async function openDetectorFile(
  path: string,
  config?: DetectorConfig,
  { classes }: { classes?: readonly string[] } = {},
): Promise<Detector> {
  const file = await openWeights(path);
  const model = config ?? file.detector;
  if (!model) {
    throw new RangeError(
      `Cannot use weights ${path}: the file does not say which detector it is ` +
        `of. Give the detector's config`,
    );
  }
  await openRunEngine();
  const detector = createDetector(model, { seed: null });
  try {
    loadDetectorWeights(detector, file, { classes });
  } catch (error) {
    detector.dispose();
    throw error;
  }
  return detector;
}
