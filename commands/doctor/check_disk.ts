import { broken, type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** A few hundred runs of the small scale with their checkpoints. */
const AMPLE = 2 ** 30;
/** One run. */
const LEAST = 100 * 2 ** 20;

/** What is free for results, checkpoints and weights. */
export async function checkDisk(system: System): Promise<Finding[]> {
  const subject = "Free for results";
  // results/ may be a link to another disk.
  const hasResults = (await system.names(system.project)).includes("results");
  const folder = `${system.project}${hasResults ? "/results" : ""}`;
  const free = await system.freeBytes(folder);
  const value = `${(free / 2 ** 30).toFixed(1)} GiB at ${folder}`;
  if (free >= AMPLE) return [good(subject, value)];
  const remedy = "remove what is not needed (./ldlab runs list, ./ldlab runs " +
    "remove), or make results a link to a folder on another disk";
  return [(free < LEAST ? broken : lacking)(subject, value, remedy)];
}
