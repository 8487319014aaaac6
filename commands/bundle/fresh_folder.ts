/**
 * Fills a new folder, which gets its name when it is whole: what fails or is
 * killed leaves none of that name.
 *
 * @param named The folder; it must not be there.
 * @param fill Writes into the folder that it is given.
 * @throws {Error} If the folder is there already; what `fill` throws, after what
 * it wrote was removed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freshFolder } from "./fresh_folder.ts";
 *
 * const parent = await Deno.makeTempDir();
 * await freshFolder(`${parent}/one`, (folder) => Deno.writeTextFile(`${folder}/a`, "1"));
 * await assert.rejects(freshFolder(`${parent}/one`, async () => {}), /is there already/);
 * await Deno.remove(parent, { recursive: true });
 * ```
 */
export async function freshFolder(
  named: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const path = named.replace(/(?<=.)\/+$/, "");
  if (await exists(path)) {
    throw new Error(
      `Cannot write to '${path}': it is there already. Remove it, or name ` +
        `another folder`,
    );
  }
  const aside = `${path}.part`;
  await Deno.remove(aside, { recursive: true }).catch(ignoreMissing);
  try {
    await Deno.mkdir(aside, { recursive: true });
    await fill(aside);
    await Deno.rename(aside, path);
  } catch (error) {
    await Deno.remove(aside, { recursive: true }).catch(() => {});
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
