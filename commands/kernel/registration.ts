import { projectFolder } from "../../experiments/project.ts";

/** A kernel that Jupyter knows as `ldlab`. */
export interface Registration {
  /** Where it is registered: `…/kernels/ldlab`. */
  readonly folder: string;
  /**
   * Whose it is: this checkout's, another's, a checkout's that is not there any
   * more or not set up, or of a program that is not ldlab.
   */
  readonly owner: "this" | "another" | "gone" | "foreign";
  /** What it starts: the checkout's folder, or the other program. */
  readonly starts: string;
}

/** What of a checkout a kernel is started by. */
const script = "/commands/kernel/start.sh";

/** Where a kernel is registered within one of Jupyter's folders. */
export function registrationFolder(dataFolder: string): string {
  return `${dataFolder}/kernels/ldlab`;
}

/**
 * What Jupyter reads of this checkout's kernel.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kernelSpec } from "./registration.ts";
 *
 * assert.equal(kernelSpec().argv[0], "/bin/sh");
 * ```
 */
export function kernelSpec() {
  return {
    argv: ["/bin/sh", projectFolder + script, "{connection_file}"],
    display_name: "ldlab (Deno)",
    language: "typescript",
    interrupt_mode: "signal",
  };
}

/**
 * Whose kernel is registered as `ldlab` in one of Jupyter's folders.
 *
 * Use it before anything is written or removed there.
 *
 * @returns `null` where there is none.
 * @throws {Error} If it cannot be read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readRegistration } from "./registration.ts";
 *
 * assert.equal(readRegistration("/no/such/folder"), null);
 * ```
 */
export function readRegistration(dataFolder: string): Registration | null {
  const folder = registrationFolder(dataFolder);
  let text: string;
  try {
    text = Deno.readTextFileSync(`${folder}/kernel.json`);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return null;
    throw new Error(
      `Cannot read ${folder}/kernel.json: ${(error as Error).message}`,
      { cause: error },
    );
  }
  const argv = argvOf(text);
  const started = argv?.[1] ?? "";
  if (argv?.[0] !== "/bin/sh" || !started.endsWith(script)) {
    const starts = argv?.join(" ") ?? "what its kernel.json does not tell";
    return { folder, owner: "foreign", starts };
  }
  const starts = started.slice(0, -script.length);
  if (starts === projectFolder) return { folder, owner: "this", starts };
  const there = [started, `${starts}/.venv/bin/deno`].every(isFile);
  return { folder, owner: there ? "another" : "gone", starts };
}

/** The program and its arguments; `null` where there is nothing of the kind. */
function argvOf(kernelJson: string): string[] | null {
  try {
    const { argv } = JSON.parse(kernelJson);
    return Array.isArray(argv) ? argv.map(String) : null;
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
