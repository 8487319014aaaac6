import { loadCheckpoint, type LoadedCheckpoint } from "../lib/train/mod.ts";
import { numericsVersion, withNumerics } from "./store.ts";

/**
 * What a run can go on from; its folder is removed where its checkpoints are of
 * no use any more.
 */
export async function usableCheckpoint(
  folder: string,
  notice: (message: string) => void,
): Promise<LoadedCheckpoint | undefined> {
  try {
    const found = await loadCheckpoint(folder);
    const { numerics } = (found?.checkpoint.config ?? withNumerics({})) as {
      numerics: number;
    };
    if (numerics === numericsVersion) return found;
    notice(
      `Checkpoints in ${folder} are of an older version, whose results ` +
        `differ: the run starts over`,
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    notice(`${error.message}. This is done`);
  }
  await Deno.remove(folder, { recursive: true });
}
