import { dirname } from "node:path";
import { broken, type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** A few hundred runs of the small scale with their checkpoints. */
const AMPLE = 2 ** 30;
/** One run. */
const LEAST = 100 * 2 ** 20;

/** Whether there is a place and room for results, checkpoints and weights. */
export async function checkDisk(system: System): Promise<Finding[]> {
  const subject = "Free for results";
  let folder = system.results;
  while (!await system.exists(folder)) folder = dirname(folder);
  if (!await system.canWrite(folder)) {
    const remedy = "name a folder that can be written in LDLAB_RESULTS, or " +
      "with --folder";
    return [broken(subject, `${folder} cannot be written`, remedy)];
  }
  const free = await system.freeBytes(folder);
  const value = `${(free / 2 ** 30).toFixed(1)} GiB at ${folder}`;
  if (free >= AMPLE) return [good(subject, value)];
  const remedy = "remove what is not needed (./ldlab runs list, ./ldlab runs " +
    "remove), or name a folder on another disk in LDLAB_RESULTS";
  return [(free < LEAST ? broken : lacking)(subject, value, remedy)];
}
