import {
  BUNDLE_STAMP,
  writeBundleStamp,
} from "../../experiments/bundle_stamp.ts";
import { type Component, fileEntry, textEntry } from "./entry.ts";
import { packageEntries } from "./package_entries.ts";
import { projectEntries } from "./project_entries.ts";
import { cudaEntries, tensorflowEntries } from "./tensorflow_entries.ts";

/** Where Deno is, here and in a bundle. */
export const DENO = ".venv/bin/deno";

/**
 * All that a bundle holds: Deno, TensorFlow, CUDA if asked for, the npm packages
 * and the project.
 *
 * @param project The project's folder, set up.
 * @param options.cuda Whether the CUDA libraries go along.
 * @param options.commit The code's commit, for the records of runs.
 * @throws {Error} If a part is missing, with what to run.
 */
export async function bundleComponents(
  project: string,
  { cuda, commit }: { cuda: boolean; commit: string },
): Promise<Component[]> {
  const stamp = textEntry(BUNDLE_STAMP, writeBundleStamp({ commit }));
  return [
    { name: "deno", entries: [await fileEntry(`${project}/${DENO}`, DENO)] },
    { name: "tensorflow", entries: await tensorflowEntries(project) },
    ...cuda
      ? [{ name: "cuda", entries: await cudaEntries(project) } as const]
      : [],
    { name: "packages", entries: await packageEntries(project) },
    { name: "ldlab", entries: [...await projectEntries(project), stamp] },
  ];
}
