/** What a script printed, and how long it took. */
export interface ScriptResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs `source` as a module in a process of its own: for what is settled once per
 * process, such as TensorFlow's environment variables.
 */
export async function runScript(
  source: string,
  env: Record<string, string> = {},
): Promise<ScriptResult> {
  const root = new URL("../../", import.meta.url);
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--no-check",
        "--config",
        new URL("deno.json", root).pathname,
        file,
      ],
      cwd: root,
      env: { NO_COLOR: "1", ...env },
    }).output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } finally {
    await Deno.remove(file);
  }
}
