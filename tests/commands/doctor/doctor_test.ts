/** The doctor as it is typed. */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { projectFolder } from "../../../experiments/project.ts";

async function deno(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: projectFolder,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("doctor trains a step on this machine, whose losses are right", async () => {
  const { code, stdout, stderr } = await deno(
    ["run", "-A", "--no-check", "commands/doctor.ts"],
    { LDLAB_CHROMIUM: "/no/such" },
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ {2}A training step +losses .*, as they should be, /m);
  assert.match(stdout, /^- Browser +Cannot find Chromium: LDLAB_CHROMIUM/m);
  assert.match(stdout, /^ {2}LDLAB_CHROMIUM=\/no\/such$/m);
  assert.ok(homedir() === "/" || !stdout.includes(`${homedir()}/`));
});

Deno.test("doctor starts where npm packages are missing", async () => {
  const { stdout } = await deno(["info", "--json", "commands/doctor.ts"]);
  const { modules } = JSON.parse(stdout) as {
    modules: { specifier: string }[];
  };
  assert.ok(modules.length > 10);
  for (const { specifier } of modules) {
    assert.match(specifier, /^(file:\/\/(?!.*\/node_modules\/)|node:)/);
  }
});
