import { basename, dirname } from "node:path";
import { projectFolder } from "./project.ts";

/**
 * Executes a notebook in a clean kernel, as JupyterLab's "Restart and run all"
 * would, and writes the executed copy. The original stays as it is.
 *
 * @param source The notebook; its folder is where the kernel starts.
 * @param options.target The copy, `….ipynb`; its folder is made if need be.
 * @param options.environment Variables for the kernel, as `LDLAB_SCALE`.
 * @param options.signal Ends it.
 * @throws {Error} If a cell fails, with what the cell said.
 * @throws {DOMException} The signal's reason, if that ended it.
 */
export async function executeNotebook(
  source: string,
  { target, environment, signal }: {
    target: string;
    environment: Record<string, string>;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(
    `${projectFolder}/.venv/bin/jupyter`,
    {
      args: [
        "nbconvert",
        "--to=notebook",
        "--execute",
        "--ExecutePreprocessor.timeout=-1",
        `--output-dir=${dirname(target)}`,
        `--output=${basename(target)}`,
        source,
      ],
      env: environment,
      stdout: "piped",
      stderr: "piped",
      signal,
    },
  ).output();
  signal?.throwIfAborted();
  if (success) return;
  const text = new TextDecoder();
  throw new Error(
    `Cannot execute notebook ${source}:\n${text.decode(stdout)}` +
      text.decode(stderr),
  );
}
