import { mkdirSync } from "node:fs";

/**
 * Makes the folder of a store of runs, if it is not there.
 *
 * @throws {Error} If it cannot be one, with what to do.
 */
export function makeStoreFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Error(
      `Cannot store runs in ${folder}: ${(error as Error).message}. It must ` +
        `be a folder that can be written: move away what is in its place, ` +
        `change its permissions, or name another folder with --folder ` +
        `or in LDLAB_RESULTS`,
      { cause: error },
    );
  }
}
