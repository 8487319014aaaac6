import { dirname } from "node:path";
import { writeFileAtomically } from "./atomic_file.ts";

/**
 * Writes a file of weights whole or not at all, in a folder that is made if need
 * be.
 *
 * @param path Replaced if it is there.
 * @param parts The file's bytes, one part after another.
 * @returns Resolves when the file is in its place.
 * @throws {Error} If it cannot be written, with what to do; what was at `path`
 * stays.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeWeightsFile } from "ldlab/train/write_weights_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await writeWeightsFile(`${folder}/new/a.pth`, [new Uint8Array([1]), new Uint8Array([2])]);
 * assert.deepEqual(await Deno.readFile(`${folder}/new/a.pth`), new Uint8Array([1, 2]));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeWeightsFile(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, parts);
  } catch (error) {
    throw new Error(
      `Cannot write weights ${path}: ${
        (error as Error).message
      }. Free space, ` +
        `make the folder writable, or name another`,
      { cause: error },
    );
  }
}
