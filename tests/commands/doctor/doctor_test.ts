/** The doctor as it is typed. */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { thisSystem } from "../../../commands/doctor/system.ts";
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

Deno.test("thisSystem() tries whether a folder can be written", async () => {
  const system = thisSystem();
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(await system.canWrite(folder), true);
    assert.deepEqual(await system.names(folder), []);
    // Where no one can make files, root neither.
    assert.equal(await system.canWrite("/proc"), false);
    assert.equal(await system.exists(`${folder}/none`), false);
    assert.ok(await system.freeBytes(folder) > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("thisSystem() runs programs, and ends them when their time is up", async () => {
  const system = thisSystem();
  const answered = await system.run(
    "sh",
    ["-c", "echo a; echo b >&2; exit 3"],
    60,
  );
  assert.deepEqual(answered, {
    code: 3,
    signal: null,
    stdout: "a\n",
    stderr: "b\n",
    late: false,
  });
  const { late, signal } = await system.run("sleep", ["60"], 0.05);
  assert.deepEqual([late, signal], [true, "SIGKILL"]);
  await assert.rejects(system.run("/no/such", [], 1), Deno.errors.NotFound);
});
