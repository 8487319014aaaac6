import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Registers the kernel `ldlab` in a folder of Jupyter's. */
export async function registerKernel(data: string): Promise<void> {
  const command = fileURLToPath(
    new URL("../../commands/kernel.ts", import.meta.url),
  );
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", command, "install", "--user"],
    env: { JUPYTER_DATA_DIR: data },
    stdout: "null",
  }).output();
  assert.ok(success);
}
