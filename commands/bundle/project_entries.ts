import { type Entry, fileEntry } from "./entry.ts";

/** What of the project's folder goes along; runs and other data sets do not. */
const PARTS = [
  ".gitignore", // what deno fmt and deno lint pass over
  "LICENSE",
  "README.md",
  "bench",
  "commands",
  "constraints.txt",
  "data/README.md",
  "data/bccd",
  "deno.json",
  "deno.lock",
  "docs",
  "experiments",
  "ldlab",
  "lib",
  "notebooks",
  "results/small", // the tables that the README shows
  "tests",
];

/** Environments, caches and what editors leave. */
const LEFT_OUT = /^\.|^__pycache__$|^node_modules$/;

/**
 * The project itself: library, experiments, commands, benchmarks, notebooks,
 * tests and BCCD.
 *
 * @param project The project's folder.
 * @returns One entry a file, in a fixed order.
 * @throws {Error} If one of the parts is missing.
 */
export async function projectEntries(project: string): Promise<Entry[]> {
  const requirements = (await names(project))
    .filter((name) => /^requirements.*\.txt$/.test(name));
  const entries: Entry[] = [];
  for (const path of [...PARTS, ...requirements].sort()) {
    try {
      await collect(project, path, entries);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(
        `Cannot bundle: '${path}' is missing in ${project}. Restore it, for ` +
          `example by git checkout`,
        { cause: error },
      );
    }
  }
  return entries;
}

async function collect(
  project: string,
  path: string,
  entries: Entry[],
): Promise<void> {
  const source = `${project}/${path}`;
  if (!(await Deno.stat(source)).isDirectory) {
    entries.push(await fileEntry(source, path));
    return;
  }
  for (const name of await names(source)) {
    if (!LEFT_OUT.test(name)) {
      await collect(project, `${path}/${name}`, entries);
    }
  }
}

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}
