import { homedir } from "node:os";
import { delimiter, resolve } from "node:path";
import { projectFolder } from "../../experiments/project.ts";

/** Where Jupyter keeps what all users share, kernels in `kernels` below it. */
export const systemFolder = "/usr/local/share/jupyter";

/**
 * Where Jupyter keeps what is one user's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { userFolder } from "./data_folders.ts";
 *
 * assert.equal(userFolder({ JUPYTER_DATA_DIR: "/data" }), "/data");
 * ```
 */
export function userFolder(
  environment: Record<string, string> = Deno.env.toObject(),
): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = environment;
  return JUPYTER_DATA_DIR ||
    `${XDG_DATA_HOME || `${homedir()}/.local/share`}/jupyter`;
}

/**
 * Where a Jupyter that lies in a folder of its own, as a Python environment,
 * keeps its own.
 *
 * @param prefix That folder; relative to where the command was typed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { folderOf } from "./data_folders.ts";
 *
 * assert.equal(folderOf("/opt/conda/"), "/opt/conda/share/jupyter");
 * ```
 */
export function folderOf(prefix: string): string {
  return resolve(prefix, "share/jupyter");
}

/**
 * Where any Jupyter looks, first to last.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { searchedFolders, systemFolder } from "./data_folders.ts";
 *
 * assert.ok(searchedFolders().includes(systemFolder));
 * ```
 */
export function searchedFolders(): string[] {
  return [
    ...new Set([
      ...(Deno.env.get("JUPYTER_PATH") ?? "").split(delimiter).filter(Boolean),
      userFolder(),
      folderOf(`${projectFolder}/.venv`),
      systemFolder,
      "/usr/share/jupyter",
    ]),
  ];
}
