import { dirname } from "node:path";

/**
 * Writes a file so that it exists whole or not at all, whenever the process or
 * the machine stops: beside its place as `….part`, flushed to the disk, then
 * renamed. A file of that name is replaced.
 *
 * Only one writer at a time may write a path.
 *
 * @param path Where to; its folder exists.
 * @param parts What to write, one after another.
 * @returns Resolves when the file is on the disk.
 * @throws {Error} What the file system throws; nothing is left behind then.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeFileAtomically } from "ldlab/train/atomic_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await writeFileAtomically(`${folder}/three`, [new Uint8Array([1, 2, 3])]);
 * assert.equal((await Deno.readFile(`${folder}/three`)).length, 3);
 * assert.equal([...Deno.readDirSync(folder)].length, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeFileAtomically(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const aside = `${path}.part`;
  try {
    const file = await Deno.open(aside, {
      write: true,
      create: true,
      truncate: true,
    });
    try {
      for (const part of parts) {
        for (let rest = part; rest.length > 0;) {
          rest = rest.subarray(await file.write(rest));
        }
      }
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(aside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await Deno.remove(aside).catch(() => {});
    throw error;
  }
}

/** Makes a rename survive a power cut; Windows has nothing like it. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const handle = await Deno.open(folder);
  try {
    await handle.sync();
  } finally {
    handle.close();
  }
}
