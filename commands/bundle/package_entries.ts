import { dirname, isAbsolute, join, relative } from "node:path";
import { type Entry, fileEntry } from "./entry.ts";

/** Programs of packages, and maps from code to what it was made of. */
const LEFT_OUT = /^\.bin$|\.map$/;

/**
 * The npm packages that `deno.lock` names and those that they need, laid out as
 * `deno install` does: packages in `node_modules/.deno`, and links to them.
 *
 * @param project The project's folder.
 * @returns One entry a file or link, in a fixed order.
 * @throws {Error} If a package is missing, or a link would not hold elsewhere.
 */
export async function packageEntries(project: string): Promise<Entry[]> {
  const root = `${project}/node_modules`;
  const lock = JSON.parse(await Deno.readTextFile(`${project}/deno.lock`));
  const wanted = Object.keys(lock.specifiers)
    .map((specifier) => /^npm:(@?[^@]+)/.exec(specifier)![1]).sort();
  const entries: Entry[] = [];
  const folders: string[] = [];
  /** Takes a link along, and what it leads to. */
  const follow = async (path: string) => {
    const target = await Deno.readLink(`${root}/${path}`);
    const place = join(dirname(path), target);
    const folder = /^\.deno\/([^/]+)\//.exec(place)?.[1];
    if (folder === undefined || isAbsolute(target)) {
      throw new Error(
        `Cannot bundle: node_modules/${path} leads to '${target}', out of ` +
          `node_modules. Remove node_modules and run ./ldlab setup`,
      );
    }
    entries.push({ kind: "link", path: `node_modules/${path}`, target });
    if (!folders.includes(folder)) folders.push(folder);
  };
  const walk = async (folder: string) => {
    for (const { name, isDirectory, isSymlink } of await list(root, folder)) {
      const path = `${folder}/${name}`;
      if (LEFT_OUT.test(name)) continue;
      if (isSymlink) await follow(path);
      else if (isDirectory) await walk(path);
      else {
        const source = `${root}/${path}`;
        entries.push(await fileEntry(source, `node_modules/${path}`));
      }
    }
  };
  for (const name of wanted) {
    try {
      await follow(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(
        `Cannot bundle: npm package ${name} is missing in node_modules. ` +
          `Please run ./ldlab setup`,
        { cause: error },
      );
    }
  }
  // It grows while it is walked.
  for (const folder of folders) await walk(`.deno/${folder}`);
  entries.push(...await sharedLinks(root, new Set(folders)));
  return entries;
}

/** The links by which packages find what they use without naming it. */
async function sharedLinks(
  root: string,
  folders: ReadonlySet<string>,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const walk = async (folder: string) => {
    for (const { name, isDirectory, isSymlink } of await list(root, folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await walk(path);
      if (!isSymlink) continue;
      const target = await Deno.readLink(`${root}/${path}`);
      const place = relative(".deno", join(dirname(path), target));
      if (folders.has(place.split("/")[0])) {
        entries.push({ kind: "link", path: `node_modules/${path}`, target });
      }
    }
  };
  await walk(".deno/node_modules");
  return entries;
}

async function list(root: string, folder: string): Promise<Deno.DirEntry[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${root}/${folder}`));
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}
