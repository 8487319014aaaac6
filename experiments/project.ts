import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds `lib`, `data` and `results`, without a slash. */
export const projectFolder: string = fileURLToPath(
  new URL("..", import.meta.url),
).replace(/\/$/, "");

/** Where weights of URLs are kept. */
export const weightsFolder = `${projectFolder}/.cache/weights`;

/**
 * Where runs, tables and figures are left: the folder that `LDLAB_RESULTS` names,
 * for a project on a disk that cannot be written, else `results`.
 */
export const resultsFolder: string = resolve(
  Deno.env.get("LDLAB_RESULTS") || `${projectFolder}/results`,
);
