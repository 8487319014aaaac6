import {
  concatenateDatasets,
  type Dataset,
  makeScenes,
  readCoco,
  readVoc,
  repeatDataset,
} from "../lib/data/mod.ts";
import { classesOf } from "./class_names.ts";
import type { CocoData, DataConfig, VocData, VocSplit } from "./config.ts";
import { projectFolder } from "./project.ts";

/** What a run learns from and what it is judged by. */
export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Training leaves out images with a smaller side, as MMDetection's datasets. */
const MIN_SIDE = 32;

/**
 * Reads the data of a run.
 *
 * @param config Where it is; paths are relative to the project's folder.
 * @param onWarning Told what a reader had to mend, one sentence a kind.
 * @throws {Deno.errors.NotFound} If it is not there; says where it is expected.
 */
export async function readSplits(
  config: DataConfig,
  onWarning: (message: string) => void,
): Promise<Splits> {
  const splits = await read(config);
  for (const { name, warnings } of [splits.train, splits.test]) {
    for (const { message } of warnings) {
      // Paths as configs have them: what is told is also written down.
      onWarning(`${name}: ${message.replaceAll(`${projectFolder}/`, "")}`);
    }
  }
  return splits;
}

async function read(config: DataConfig): Promise<Splits> {
  switch (config.kind) {
    case "scenes": {
      const { seed, width, height } = config;
      return {
        train: makeScenes({ seed, count: config.train, width, height }),
        // Another seed, so that no test scene is a training scene.
        test: makeScenes({ seed: seed + 1, count: config.test, width, height }),
      };
    }
    case "voc":
      return await readVocSplits(config);
    case "coco":
      return await readCocoSplits(config);
  }
}

async function readVocSplits(
  { train, repeat, test, classes }: VocData,
): Promise<Splits> {
  const readOne = async ({ root, split }: VocSplit) => {
    const folder = inProject(root);
    await requireThere(folder);
    return await readVoc(folder, { split, classes });
  };
  const parts: Dataset[] = [];
  for (const split of train) parts.push(await readOne(split));
  const pass = parts.length === 1 ? parts[0] : concatenateDatasets(parts);
  return {
    train: repeat ? repeatDataset(pass, repeat) : pass,
    test: await readOne(test),
  };
}

async function readCocoSplits(config: CocoData): Promise<Splits> {
  const root = inProject(config.root);
  const classes = classesOf(config);
  const [train, test] = [config.train, config.test].map((split) => ({
    annotations: `${root}/${split.annotations}`,
    images: `${root}/${split.images}`,
    classes,
    skipBad: config.skipBad ?? false,
  }));
  for (const { annotations, images } of [train, test]) {
    await requireThere(annotations);
    await requireThere(images);
  }
  return {
    train: await readCoco({
      ...train,
      ...((config.filterEmpty ?? true) && {
        dropEmpty: true,
        minSide: MIN_SIDE,
      }),
    }),
    test: await readCoco(test),
  };
}

const inProject = (path: string) =>
  path.startsWith("/") ? path : `${projectFolder}/${path}`;

/** Data that is not there has never been got: other errors are the readers'. */
async function requireThere(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read data: ${path} is missing. data/README.md says where to get ` +
        `COCO and Pascal VOC; put them, or links to them, there`,
    );
  }
}
