/** Bundles in parts, unpacked by their own unpack.sh. */
import assert from "node:assert/strict";
import { bundleComponents } from "../../../commands/bundle/components.ts";
import { writeParts } from "../../../commands/bundle/write_parts.ts";
import { unpackParts } from "../../../commands/bundle/unpack/unpack_parts.ts";
import { BUNDLED, contents, fakeProject } from "./fake_project.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);
const PART_BYTES = 300;

await fakeProject(`${folder}/project`);
const manifest = await pack("parts");
const names = manifest.components.flatMap(({ parts }) =>
  parts.map(({ name }) => name)
);

async function pack(name: string) {
  const components = await bundleComponents(`${folder}/project`, {
    cuda: false,
    commit: "abc",
  });
  await Deno.mkdir(`${folder}/${name}`);
  return await writeParts(components, `${folder}/${name}`, {
    partBytes: PART_BYTES,
    version: "1.2.3",
    commit: "abc",
  });
}

/** A copy of the parts, to spoil. */
async function copy(name: string): Promise<string> {
  const { success } = await new Deno.Command("cp", {
    args: ["-r", `${folder}/parts`, `${folder}/${name}`],
  }).output();
  assert.ok(success);
  return `${folder}/${name}`;
}

function start(
  parts: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: [`${parts}/unpack.sh`, ...args],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

async function unpack(
  parts: string,
  to: string,
  options?: Deno.CommandOptions,
) {
  const { code, stdout, stderr } = await start(parts, [to], options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function left(name: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name)
    .filter((entry) => entry.startsWith(name));
}

Deno.test("writeParts() makes parts of the size asked for, the same each time", async () => {
  assert.ok(names.length > manifest.components.length);
  for (const { parts } of manifest.components) {
    for (const [at, { name, bytes }] of parts.entries()) {
      const { size } = await Deno.stat(`${folder}/parts/${name}`);
      assert.equal(size, bytes);
      assert.ok(
        at === parts.length - 1 ? size <= PART_BYTES : size === PART_BYTES,
      );
    }
  }
  assert.deepEqual(await pack("again"), manifest);
});

Deno.test("unpack.sh unpacks all there was, and runs the doctor", async () => {
  const { code, stdout, stderr } = await unpack("parts", "whole");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "ldlab doctor, from whole/ldlab\n");
  const found = Object.entries(await contents(`${folder}/whole`))
    .filter(([path]) =>
      path !== ".ldlab-bundle" && !path.startsWith(".cache/")
    );
  assert.deepEqual(Object.fromEntries(found), BUNDLED);
  assert.deepEqual(left("whole"), ["whole"]);

  const again = await unpack("parts", "whole");
  assert.equal(again.code, 1);
  assert.match(again.stderr, /'whole' is there already\. Remove it, or name/);
});

Deno.test("unpack.sh takes a folder however it is named, and makes those above it", async () => {
  const cases = ["a folder/of parts", "slashes//", `${folder}/one/two/`];
  const parts = await copy("parts with a blank");
  for (const named of cases) {
    const { code, stdout, stderr } = await unpack(parts, named);
    assert.equal(code, 0, stderr);
    const path = named.replace(/\/+$/, "");
    assert.equal(stdout, `ldlab doctor, from ${path}/ldlab\n`);
    const whole = path.startsWith("/") ? path : `${folder}/${path}`;
    const found = await contents(whole);
    assert.equal(found["lib/one.ts"], "4;\n");
    assert.equal(await Deno.stat(`${whole}.unpacking.lock`).catch(() => 0), 0);
  }
  const root = await unpack("parts", "/");
  assert.equal(root.code, 1);
  assert.match(root.stderr, /'\/' is there already/);
});

Deno.test("unpack.sh says where it cannot write", async () => {
  await Deno.writeTextFile(`${folder}/file`, "");
  const { code, stdout, stderr } = await unpack("parts", "file/in");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /unpack: cannot write in 'file\/'\. Name a folder elsewhere: sh unpack\.sh FOLDER/,
  );
});

Deno.test("unpack.sh unpacks on a disk that knows no locks, and not twice at once", async () => {
  const programs = `${folder}/programs`;
  await Deno.mkdir(programs);
  const env = { PATH: `${programs}:${Deno.env.get("PATH")}` };
  const flock = (status: number) =>
    Deno.writeTextFile(
      `${programs}/flock`,
      `#!/bin/sh\necho "flock: 9: Function not implemented" >&2\nexit ${status}\n`,
      { mode: 0o755 },
    );
  await flock(1); // as where another holds it
  const held = await unpack("parts", "locked", { env });
  assert.equal(held.code, 1);
  assert.match(held.stderr, /another unpacking into 'locked' is going on/);
  await flock(65); // as on Lustre
  const { code, stderr } = await unpack("parts", "locked", { env });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /another|flock/);
});

Deno.test("unpack.sh names missing and damaged parts, and leaves nothing", async () => {
  const [deno] = names.filter((name) => name.startsWith("deno"));
  const packed = names.filter((name) => name.startsWith("tensorflow"));
  const spoil = (path: string) => Deno.writeTextFile(path, "x".repeat(300));
  const cases: [name: string, spoil: (parts: string) => unknown, RegExp][] = [
    [
      "a",
      (parts) => Deno.remove(`${parts}/${packed[1]}`),
      new RegExp(`missing: ${packed[1]}\\. Copy them to \\S+ again`),
    ],
    [
      "b",
      async (parts) => {
        await spoil(`${parts}/${packed[0]}`);
        await Deno.truncate(`${parts}/${packed[1]}`, 9);
      },
      new RegExp(`damaged: ${packed[0]}, ${packed[1]}\\. Copy`),
    ],
    [
      "c",
      (parts) => Deno.remove(`${parts}/${deno}`),
      new RegExp(`missing: ${deno}; copy them to \\S+ again`),
    ],
    [
      "d",
      (parts) => spoil(`${parts}/${deno}`),
      new RegExp(`damaged: ${deno}; copy them`),
    ],
    [
      "e",
      (parts) => Deno.remove(`${parts}/manifest.json`),
      /missing: manifest\.json; copy them/,
    ],
    [
      "f",
      (parts) => Deno.remove(`${parts}/start.sha256`),
      /missing in \S+: start\.sha256\. Copy it there again/,
    ],
  ];
  for (const [name, spoiled, message] of cases) {
    const parts = await copy(`spoiled_${name}`);
    await spoiled(parts);
    const { code, stdout, stderr } = await unpack(parts, `to_${name}`);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    assert.match(stderr, message);
    assert.deepEqual(left(`to_${name}`), []);
  }
});

Deno.test("unpack.sh begins anew where it was killed", async () => {
  await Deno.mkdir(`${folder}/killed.unpacking/lib`, { recursive: true });
  await Deno.writeTextFile(`${folder}/killed.unpacking/lib/half.ts`, "ha");
  const { code, stderr } = await unpack("parts", "killed");
  assert.equal(code, 0, stderr);
  assert.deepEqual(left("killed"), ["killed"]);
  await assert.rejects(Deno.stat(`${folder}/killed/lib/half.ts`));
});

Deno.test("unpack.sh leaves nothing of the bundle when it is stopped", async () => {
  const parts = await copy("slow");
  // Stands still where it would unpack.
  await Deno.writeTextFile(
    `${parts}/unpack/unpack.ts`,
    "setTimeout(() => {}, 6e4)",
  );
  const start256 = await Deno.readTextFile(`${parts}/start.sha256`);
  const lines = start256.split("\n").filter((line) =>
    !line.endsWith("unpack.ts")
  );
  await Deno.writeTextFile(`${parts}/start.sha256`, lines.join("\n"));
  const child = start(parts, ["stopped"]);
  let isRunning = true;
  child.status.then(() => isRunning = false);
  const staging = `${folder}/stopped.unpacking/.cache`;
  while (!await Deno.stat(`${staging}/deno`).catch(() => null)) {
    assert.ok(isRunning);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // As Ctrl-C does: the shell, and what it waits for.
  const children = await Deno.readTextFile(
    `/proc/${child.pid}/task/${child.pid}/children`,
  );
  child.kill("SIGINT");
  for (const pid of children.match(/\d+/g) ?? []) {
    Deno.kill(Number(pid), "SIGINT");
  }
  const { code } = await child.output();
  assert.notEqual(code, 0);
  assert.deepEqual(left("stopped"), []);
});

Deno.test("unpackParts() says how much disk is needed, before it writes", async () => {
  await Deno.mkdir(`${folder}/full`);
  const full = unpackParts(`${folder}/parts`, `${folder}/full`, {
    freeBytes: () => Promise.resolve(2 ** 20),
  });
  await assert.rejects(full, {
    message:
      /^Cannot unpack: \d MiB are needed, and 1 MiB are free at .*FOLDER$/,
  });
  assert.deepEqual([...Deno.readDirSync(`${folder}/full`)], []);
});
