import { isAbsolute, join } from "node:path";
import {
  type Detector,
  loadBackbone,
  loadDetectorWeights,
} from "../lib/detectors/mod.ts";
import {
  findWeights,
  type FindWeightsOptions,
  sha256OfFile,
  type WeightSource,
} from "../lib/train/mod.ts";
import { classesOf } from "./class_names.ts";
import type { RunConfig } from "./config.ts";
import { openWeights } from "./open_weights.ts";
import { projectFolder, weightsFolder } from "./project.ts";

/** How weights that a config names are looked for. */
export interface RunWeightsOptions
  extends Pick<FindWeightsOptions, "onProgress" | "signal"> {
  /** Whether those that are not in the cache may be downloaded; false unless given. */
  readonly allowDownload?: boolean;
}

/** A file of weights that was found. */
export interface FoundWeights {
  readonly path: string;
  readonly sha256: string;
}

/** The files that a run needs beside its data. */
export interface RunWeights {
  /** What it starts from. */
  readonly initial?: FoundWeights;
  /** What it is distilled from, where that is no run. */
  readonly teacher?: FoundWeights;
}

/**
 * Finds the weights that a run's config names, a path relative to the project.
 *
 * @param config The run; its teacher's run has its own.
 * @returns The files and their hashes, which go into the run's record.
 * @throws {Error} As `findWeights()`: nothing is downloaded unless allowed.
 */
export async function findRunWeights(
  { initial, teacher }: RunConfig,
  options: RunWeightsOptions = {},
): Promise<RunWeights> {
  const find = async (source: WeightSource): Promise<FoundWeights> => {
    const path = await findSource(source, options);
    return { path, sha256: await sha256OfFile(path, options) };
  };
  return {
    ...(initial && {
      initial: await find(
        "backbone" in initial ? initial.backbone : initial.detector,
      ),
    }),
    ...(teacher && "weights" in teacher && {
      teacher: await find(teacher.weights),
    }),
  };
}

/** The path of a file of weights. */
export async function findSource(
  source: WeightSource,
  { allowDownload = false, onProgress, signal }: RunWeightsOptions = {},
): Promise<string> {
  const { path } = source as { path?: string };
  const own = path === undefined || isAbsolute(path)
    ? source
    : { path: join(projectFolder, path) };
  return await findWeights(own, {
    cacheFolder: weightsFolder,
    allowDownload,
    onProgress,
    signal,
  });
}

/**
 * Gives a fresh student the weights that its run starts from.
 *
 * @param student Changes.
 * @param config The run; one whose weights are all fresh changes nothing.
 * @param weights The files, as {@linkcode findRunWeights} found them.
 * @throws {RangeError | TypeError} If names, shapes or classes do not fit.
 */
export async function loadInitialWeights(
  student: Detector,
  { initial, data }: RunConfig,
  weights: RunWeights,
): Promise<void> {
  if (!initial) return;
  const file = await openWeights(weights.initial!.path);
  if ("backbone" in initial) loadBackbone(student, file.tensors);
  else loadDetectorWeights(student, file, { classes: classesOf(data) });
}
