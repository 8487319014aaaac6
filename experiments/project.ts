import { fileURLToPath } from "node:url";

/** The folder that holds `lib`, `data` and `results`, without a slash. */
export const projectFolder: string = fileURLToPath(
  new URL("..", import.meta.url),
).replace(/\/$/, "");

/** Where weights of URLs are kept. */
export const weightsFolder = `${projectFolder}/.cache/weights`;

/** Where runs, tables and figures are left. */
export const resultsFolder = `${projectFolder}/results`;
