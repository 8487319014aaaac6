import { type Dataset, makeScenes, readVoc } from "../lib/data/mod.ts";
import type { DataConfig } from "./config.ts";
import { projectFolder } from "./project.ts";

/** What a run learns from and what it is judged by. */
export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Reads the data of a run.
 *
 * @param config Where it is; paths are relative to the project's folder.
 * @param onWarning Told what a reader had to mend, one sentence a kind.
 */
export async function readSplits(
  config: DataConfig,
  onWarning: (message: string) => void,
): Promise<Splits> {
  if (config.kind === "scenes") {
    const { seed, width, height } = config;
    return {
      train: makeScenes({ seed, count: config.train, width, height }),
      // Another seed, so that no test scene is a training scene.
      test: makeScenes({ seed: seed + 1, count: config.test, width, height }),
    };
  }
  const root = `${projectFolder}/${config.root}`;
  const read = async (split: string) => {
    const dataset = await readVoc(root, { split, classes: config.classes });
    for (const { message } of dataset.warnings) {
      onWarning(`${dataset.name}: ${message}`);
    }
    return dataset;
  };
  return { train: await read(config.train), test: await read(config.test) };
}
