import assert from "node:assert/strict";
import { hostname, tmpdir } from "node:os";
import { openBrowser } from "ldlab/report/browser.ts";

Deno.test("openBrowser() says what to install where there is none", async () => {
  await assert.rejects(openBrowser(null), /sudo apt install chromium/);
});

Deno.test("openBrowser() says why a program does not start, and what to do", async () => {
  const folder = await Deno.makeTempDir();
  const script = `${folder}/script`;
  const write = (text: string, mode: number) =>
    Deno.writeTextFile(script, text, { mode }).then(() =>
      Deno.chmod(script, mode)
    );
  const refused = (path: string, reason: RegExp) =>
    assert.rejects(openBrowser(path), ({ name, message }: Error) => {
      assert.equal(name, "Error");
      assert.ok(
        message.startsWith(`Cannot open Chromium: ${path} did not start: `),
        message,
      );
      assert.match(message, /sudo apt install chromium/);
      assert.match(message, reason);
      return true;
    });
  try {
    await write("#!/bin/sh\nexit 1\n", 0o755);
    await refused(script, /ended with code 1$/);
    await write("#!/bin/sh\necho no libnss3 >&2; exit 127\n", 0o755);
    await refused(script, /no libnss3$/);
    await write("#!/bin/sh\n[ $1 = --version ]\n", 0o755);
    await refused(script, /closed|Failed to launch/);
    await write("not a program", 0o644);
    await refused(script, /denied/i);
    await write("\u0000not a program", 0o755);
    await refused(script, /format|not found/i);
    await refused(folder, /denied/i);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.deepEqual(profiles(`ldlab-chromium-${Deno.pid}-`), []);
});

function profiles(prefix: string): string[] {
  return [...Deno.readDirSync(tmpdir())].map(({ name }) => name)
    .filter((name) => name.startsWith(prefix));
}

Deno.test("openBrowser() removes old profiles that no process holds, and no others", async () => {
  const gone = 2 ** 22 + 1; // above Linux's largest process id
  const prefix = `ldlab-chromium-${gone}-${crypto.randomUUID()}`;
  const make = async (name: string, hours: number, lock?: string) => {
    const profile = `${tmpdir()}/${prefix}${name}`;
    await Deno.mkdir(profile);
    if (lock) await Deno.symlink(lock, `${profile}/SingletonLock`);
    const then = new Date(Date.now() - hours * 3_600_000);
    await Deno.utime(profile, then, then);
  };
  await make("left", 2);
  await make("left_with_lock", 2, `${hostname()}-${gone}`);
  await make("new", 0.5);
  await make("held", 2, `${hostname()}-${Deno.pid}`);
  await make("held_elsewhere", 2, `another-container-${gone}`);
  try {
    const folder = await Deno.makeTempDir();
    const stub = `${folder}/stub`;
    await Deno.writeTextFile(stub, "#!/bin/sh\n[ $1 = --version ]\n");
    await Deno.chmod(stub, 0o755);
    await assert.rejects(openBrowser(stub));
    await Deno.remove(folder, { recursive: true });
    assert.deepEqual(
      profiles(prefix).map((name) => name.slice(prefix.length)).toSorted(),
      ["held", "held_elsewhere", "new"],
    );
  } finally {
    for (const name of profiles(prefix)) {
      await Deno.remove(`${tmpdir()}/${name}`, { recursive: true });
    }
  }
});
