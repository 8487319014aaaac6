import { type Finding, good, lacking } from "./finding.ts";
import type { System } from "./system.ts";

/** Whether JupyterLab finds the Deno kernel, and the kernel its Deno. */
export async function checkKernel(system: System): Promise<Finding[]> {
  if (system.isBundle) return [];
  const subject = "Deno kernel";
  const path = `${system.project}/.venv/share/jupyter/kernels/deno/kernel.json`;
  let deno: string;
  try {
    deno = JSON.parse(await system.read(path)).argv[0];
  } catch (error) {
    const value = error instanceof Deno.errors.NotFound
      ? "missing"
      : `${path} cannot be read`;
    return [lacking(subject, value, "run ./ldlab setup")];
  }
  try {
    const { code, stdout } = await system.run(deno, ["--version"], 10);
    if (code === 0) return [good(subject, stdout.split(/[(\n]/)[0].trim())];
  } catch {
    // As if it had failed.
  }
  return [
    lacking(
      subject,
      `its program '${deno}' does not start`,
      "run ./ldlab setup; a moved folder needs it",
    ),
  ];
}
