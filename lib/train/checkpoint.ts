import { join } from "node:path";
import { writeFileAtomically } from "./atomic_file.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from "./checkpoint_file.ts";

const NAME = /^checkpoint-(\d{9})\.safetensors$/;
const LEFTOVER = /^checkpoint-\d{9}\.safetensors\.part$/;
const KEPT = 2;

/**
 * Writes a checkpoint so that it exists whole or not at all, whenever the
 * process or the machine stops: beside its place, flushed to the disk, then
 * renamed. The newest two of the folder are kept; what an interrupted write
 * left behind is removed, so a folder must have one writer at a time.
 *
 * @param folder One run's folder; made if need be.
 * @param checkpoint What to write; its iteration gives the file's name.
 * @returns The path of the file.
 * @throws {Error} If the folder cannot be written; older checkpoints stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadCheckpoint, saveCheckpoint } from "ldlab/train/checkpoint.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const tensors = new Map();
 * for (const iteration of [10, 20, 30]) {
 *   const position = { iteration, epoch: 0, index: iteration };
 *   const rest = { seeds: {}, seconds: 0, config: {} };
 *   await saveCheckpoint(folder, { tensors, position, ...rest });
 * }
 * const loaded = await loadCheckpoint(folder);
 * assert.equal(loaded?.checkpoint.position.iteration, 30);
 * assert.equal([...Deno.readDirSync(folder)].length, 2);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
): Promise<string> {
  const { iteration } = checkpoint.position;
  const name = `checkpoint-${String(iteration).padStart(9, "0")}.safetensors`;
  const path = join(folder, name);
  const parts = await encodeCheckpoint(checkpoint);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await removeLeftovers(folder);
    await writeFileAtomically(path, parts);
  } catch (error) {
    throw new Error(
      `Cannot write checkpoint ${path}: ${(error as Error).message}. Free ` +
        `space or make the folder writable; older checkpoints there are whole`,
      { cause: error },
    );
  }
  for (const old of (await newestFirst(folder)).slice(KEPT)) {
    await Deno.remove(join(folder, old));
  }
  return path;
}

/** A checkpoint as found in a folder. */
export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  /** What the user should know, for example that a file was damaged. */
  readonly notices: readonly string[];
}

/**
 * Reads the newest whole checkpoint of a folder. A truncated or altered one is
 * set aside as `….damaged`, the one before it is taken, and a notice says so.
 *
 * @param folder What was given to {@linkcode saveCheckpoint}.
 * @returns The checkpoint, or undefined if the folder has none or is not there.
 * @throws {SyntaxError} If the folder has checkpoints but none is whole: to
 * start over instead is for the user to decide.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadCheckpoint, saveCheckpoint } from "ldlab/train/checkpoint.ts";
 *
 * const folder = await Deno.makeTempDir();
 * assert.equal(await loadCheckpoint(folder), undefined);
 *
 * const tensors = new Map();
 * const save = (iteration: number) =>
 *   saveCheckpoint(folder, {
 *     tensors, position: { iteration, epoch: 0, index: iteration },
 *     seeds: {}, seconds: 0, config: {},
 *   });
 * await save(10);
 * await Deno.truncate(await save(20), 100);
 * const loaded = await loadCheckpoint(folder);
 * assert.equal(loaded?.checkpoint.position.iteration, 10);
 * assert.match(loaded.notices[0], /truncated or altered/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadCheckpoint(
  folder: string,
): Promise<LoadedCheckpoint | undefined> {
  const names = await newestFirst(folder);
  const damages: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      const bytes = await Deno.readFile(path);
      const checkpoint = await decodeCheckpoint(bytes, path);
      const { iteration } = checkpoint.position;
      const notices = damages.map((damage) =>
        `${damage}. Set aside as .damaged; the one before it, of iteration ` +
        `${iteration}, is used`
      );
      for (const damaged of names.slice(0, damages.length)) {
        const from = join(folder, damaged);
        await Deno.rename(from, `${from}.damaged`);
      }
      return { checkpoint, path, notices };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      damages.push(error.message);
    }
  }
  if (damages.length === 0) return undefined;
  throw new SyntaxError(
    `${damages.join(". ")}. No checkpoint in ${folder} is whole: remove the ` +
      `folder to start this run over`,
  );
}

/** Names of the checkpoints in a folder, the newest first. */
async function newestFirst(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => NAME.test(name)).sort().reverse();
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (LEFTOVER.test(name)) await Deno.remove(join(folder, name));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names = [];
  try {
    for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}
