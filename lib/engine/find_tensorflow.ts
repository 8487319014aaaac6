import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LIBRARY = "libtensorflow_cc.so.2";

/**
 * Finds TensorFlow's shared library.
 *
 * In this order: the file or folder that the environment variable
 * `LDLAB_TENSORFLOW` names; then `.venv/lib/python3.x/site-packages/tensorflow`
 * in the project this file belongs to and in the folders above it; then the same
 * from the current directory upwards.
 *
 * @param options.named What `LDLAB_TENSORFLOW` says; `""` for nothing.
 * @param options.from Folders to start from.
 * @returns The path of `libtensorflow_cc.so.2`.
 * @throws {Error} If there is none, with the places searched and the remedy.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
 *
 * assert.throws(
 *   () => findTensorflow({ named: "", from: ["/nowhere/at/all"] }),
 *   /run \.\/ldlab setup/,
 * );
 * ```
 */
export function findTensorflow(
  { named = Deno.env.get("LDLAB_TENSORFLOW") ?? "", from = startingPoints() } =
    {},
): string {
  if (named !== "") {
    for (const path of [named, join(named, LIBRARY)]) {
      if (isFile(path)) return path;
    }
    throw new Error(
      `Cannot find TensorFlow: LDLAB_TENSORFLOW is '${named}', which is ` +
        `neither a library nor a folder with ${LIBRARY}. Correct or unset it, ` +
        `or run ./ldlab setup`,
    );
  }
  const searched = new Set<string>();
  for (const start of from) {
    for (let folder = start;; folder = dirname(folder)) {
      if (!searched.has(folder)) {
        searched.add(folder);
        const found = inEnvironment(join(folder, ".venv"));
        if (found !== undefined) return found;
      }
      if (dirname(folder) === folder) break;
    }
  }
  throw new Error(
    `Cannot find TensorFlow: no .venv with ${LIBRARY} in ${
      from.join(", ")
    } or above. Please run ./ldlab setup, or set LDLAB_TENSORFLOW to the ` +
      `library's path`,
  );
}

function startingPoints(): string[] {
  const own = new URL(".", import.meta.url);
  return own.protocol === "file:"
    ? [dirname(fileURLToPath(own)), Deno.cwd()]
    : [Deno.cwd()];
}

function inEnvironment(environment: string): string | undefined {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(join(environment, "lib"))];
  } catch {
    return undefined; // no such environment here
  }
  return entries
    .filter((entry) => entry.name.startsWith("python3"))
    .map((entry) =>
      join(environment, "lib", entry.name, "site-packages/tensorflow", LIBRARY)
    )
    .find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
