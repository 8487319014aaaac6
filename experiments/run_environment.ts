import { bundleStamp } from "./bundle_stamp.ts";
import { machineFacts } from "./machine.ts";

/**
 * The code's commit, with `+` if files differ from it; a bundle's is the one that
 * it was made of. "unknown" without git.
 */
export function commitId(): string {
  const bundle = bundleStamp();
  if (bundle !== null) return bundle.commit;
  const git = (...args: string[]) => {
    const { success, stdout } = new Deno.Command("git", {
      args,
      cwd: import.meta.dirname,
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  };
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    if (commit === undefined) return "unknown";
    const clean = git("status", "--porcelain", "--untracked-files=no") === "";
    return clean ? commit : `${commit}+`;
  } catch {
    return "unknown"; // git is not installed
  }
}

/**
 * What a run is computed with: versions and the machine.
 *
 * @param engine What computes it, as `TensorFlow 2.21.0`, where that is known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { environment } from "./run_environment.ts";
 * assert.match(environment("TensorFlow 2.21.0"), /^Deno .*, TensorFlow 2.21.0, linux .* cores/);
 * ```
 */
export function environment(engine?: string): string {
  const { processor, cores, memoryGiB, system } = machineFacts();
  return [
    `Deno ${Deno.version.deno}`,
    ...(engine === undefined ? [] : [engine]),
    system,
    `${cores} cores`,
    processor,
    `${memoryGiB} GiB`,
  ].join(", ");
}
