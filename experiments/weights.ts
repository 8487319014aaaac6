import {
  createDetector,
  type Detector,
  exportWeights,
  loadWeights,
} from "../lib/detectors/mod.ts";
import { openRunEngine } from "./run_engine.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  firstDifference,
  type HostTensor,
  writeFileAtomically,
} from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { shortestConfig } from "./shortest_config.ts";
import { type RunStore, withNumerics } from "./store.ts";

/** A run, whatever its state, and where it is stored. */
export interface StoredRun {
  readonly config: RunConfig;
  readonly seed: number;
  readonly store: RunStore;
}

async function pathOf({ config, seed, store }: StoredRun): Promise<string> {
  return `${store.runFolder(await runId(config, seed))}/weights.safetensors`;
}

/**
 * Writes the weights of a run that has ended: a safetensors file that PyTorch
 * reads too, with the run's config and a hash over all of it.
 *
 * @param run Whose weights they are; its folder exists.
 * @param detector What has been trained.
 * @param took The steps of the run and its seconds.
 * @throws {Error} If the file cannot be written.
 */
export async function saveWeights(
  run: StoredRun,
  detector: Detector,
  { iteration, seconds }: { iteration: number; seconds: number },
): Promise<void> {
  const parts = await encodeCheckpoint({
    tensors: await exportWeights(detector),
    position: { iteration, epoch: run.config.epochs, index: 0 },
    seeds: { run: run.seed },
    seconds,
    config: withNumerics(shortestConfig(run.config)),
  });
  const path = await pathOf(run);
  try {
    await writeFileAtomically(path, parts);
  } catch (error) {
    throw new Error(
      `Cannot write weights ${path}: ${(error as Error).message}. Free space ` +
        `or make the place writable, and run again: the training is kept`,
      { cause: error },
    );
  }
}

/**
 * The weights of a finished run.
 *
 * @returns By name, in PyTorch's layout.
 * @throws {Deno.errors.NotFound} If they are missing.
 * @throws {SyntaxError} If they are altered or another run's.
 */
export async function readWeights(
  run: StoredRun,
): Promise<ReadonlyMap<string, HostTensor>> {
  const path = await pathOf(run);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`The weights ${path} are missing`);
  }
  const { tensors, config, seeds } = await decodeCheckpoint(bytes, path);
  const difference = firstDifference(
    withNumerics(shortestConfig(run.config)),
    config,
    "config",
  ) ??
    firstDifference({ run: run.seed }, seeds, "seeds");
  if (difference === undefined) return tensors;
  throw new SyntaxError(
    `Cannot use weights ${path}: another run's are in their place: ${difference}`,
  );
}

/**
 * Looks whether a run's weights are there, whole and its own.
 *
 * @returns What is wrong with them, or `undefined`.
 */
export async function weightsProblem(
  run: StoredRun,
): Promise<string | undefined> {
  try {
    await readWeights(run);
  } catch (error) {
    const expected = error instanceof SyntaxError ||
      error instanceof Deno.errors.NotFound;
    if (!expected) throw error;
    return error.message;
  }
}

/**
 * The detector of a finished run, with its weights.
 *
 * @returns The detector; the caller disposes it.
 * @throws {Error} If the weights are missing, altered or another run's.
 */
export async function openDetector(run: StoredRun): Promise<Detector> {
  const tensors = await readWeights(run).catch((error) => {
    throw new Error(
      `Cannot open the detector of a run: ${error.message}. Run it again: ` +
        `that makes up for it`,
      { cause: error },
    );
  });
  await openRunEngine();
  const detector = createDetector(run.config.model, { seed: null });
  loadWeights(detector, tensors);
  return detector;
}
