import { basename, dirname } from "node:path";
import { projectFolder } from "../experiments/project.ts";
import { kernelSpec } from "./kernel/registration.ts";

/**
 * Executes a notebook in a clean kernel, as JupyterLab's "Restart and run all"
 * would, and writes the executed copy. The original stays as it is. The kernel is
 * the project's own, which loses no output on a busy machine.
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
  const jupyter = await Deno.makeTempDir({ prefix: "ldlab-jupyter-" });
  try {
    const kernel = `${jupyter}/kernels/ldlab`;
    await Deno.mkdir(kernel, { recursive: true });
    const spec = JSON.stringify(kernelSpec());
    await Deno.writeTextFile(`${kernel}/kernel.json`, spec);
    const { success, stdout, stderr } = await new Deno.Command(
      `${projectFolder}/.venv/bin/jupyter`,
      {
        args: [
          "nbconvert",
          "--to=notebook",
          "--execute",
          "--ExecutePreprocessor.timeout=-1",
          "--ExecutePreprocessor.kernel_name=ldlab",
          `--output-dir=${dirname(target)}`,
          `--output=${basename(target)}`,
          source,
        ],
        env: { ...environment, JUPYTER_PATH: jupyter },
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
  } finally {
    await Deno.remove(jupyter, { recursive: true });
  }
}
