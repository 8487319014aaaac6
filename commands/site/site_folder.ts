import { dirname, isAbsolute, join } from "node:path";

/** Lists the files that the site has written into its folder. */
const LIST = ".ldlab-site";

/**
 * The files of an older site in a folder, which a new one may replace.
 *
 * Use it before anything is written: a folder with anything else in it is
 * refused, so that nothing of the user's is ever touched.
 *
 * @param folder It need not exist.
 * @returns Their paths in the folder; none for a new or empty one.
 * @throws {Error} If the folder is a file, or holds files but no site.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { siteFiles } from "./site_folder.ts";
 *
 * assert.deepEqual(await siteFiles("/no/such"), new Set());
 * await assert.rejects(siteFiles("."), /holds other files/);
 * ```
 */
export async function siteFiles(folder: string): Promise<Set<string>> {
  const refused = (why: string) =>
    new Error(
      `Cannot write the site to '${folder}': ${why}: ` +
        "name a new or empty folder with --output",
    );
  let names: string[];
  try {
    names = (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    if (error instanceof Deno.errors.NotADirectory) {
      throw refused("it is a file");
    }
    throw error;
  }
  if (names.length === 0) return new Set();
  if (!names.includes(LIST)) {
    throw refused(`it holds other files, as ${names[0]}`);
  }
  const lines = (await Deno.readTextFile(join(folder, LIST))).split("\n");
  const files = lines.filter((line) => line !== "");
  const bad = files.find((file) =>
    isAbsolute(file) || file.split("/").includes("..")
  );
  if (bad !== undefined) {
    throw refused(`${LIST} in it names '${bad}', which is not in the folder`);
  }
  return new Set(files);
}

/**
 * Writes the files of a site, and removes those of an older one that are no
 * longer among them.
 *
 * Use it with what `siteFiles` gave for the folder. Where it is cut short, the
 * same goes on: the list of the site's files is written before them.
 *
 * @param folder It is made.
 * @param files By their paths in the folder.
 * @param older The files of an older site.
 * @throws {Error} If a file of the user's lies where one is to be written;
 * nothing is written then.
 */
export async function writeSite(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  older: ReadonlySet<string>,
): Promise<void> {
  for (const file of files.keys()) {
    if (older.has(file)) continue;
    const isThere = await Deno.lstat(join(folder, file)).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    throw new Error(
      `Cannot write the site to '${folder}': it holds ${file}, which is not ` +
        "the site's: move it, or name another folder with --output",
    );
  }
  const list = (names: Iterable<string>) =>
    Deno.writeTextFile(join(folder, LIST), `${[...names].join("\n")}\n`);
  await Deno.mkdir(folder, { recursive: true });
  await list(older.union(new Set(files.keys())));
  for (const [file, content] of files) {
    const path = join(folder, file);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
  for (const file of older.difference(new Set(files.keys()))) {
    await removeIfThere(join(folder, file));
    // A folder that holds anything more stays.
    if (file.includes("/")) {
      await removeIfThere(join(folder, dirname(file))).catch(() => {});
    }
  }
  await list(files.keys());
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
