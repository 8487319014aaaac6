/** The code's commit, with `+` if files differ from it; "unknown" without git. */
export function commitId(): string {
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

/** What a run is computed with. */
export function environment(): string {
  const { os, arch } = Deno.build;
  return `Deno ${Deno.version.deno}, ${os} ${arch}, ` +
    `${navigator.hardwareConcurrency} cores`;
}
