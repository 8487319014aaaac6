/** `./ldlab` in a bundle, of which Deno is a program that tells its arguments. */
import assert from "node:assert/strict";
import { projectFolder } from "../../../experiments/project.ts";

const folder = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);
const bundle = `${folder}/a bundle`;
const DENO = `#!/bin/sh
printf '%s\\n' "$@" "in $PWD" "DENO_DIR=\${DENO_DIR-}"
`;

await Deno.mkdir(`${bundle}/.venv/bin`, { recursive: true });
await Deno.copyFile(`${projectFolder}/ldlab`, `${bundle}/ldlab`);
await Deno.writeTextFile(`${bundle}/.ldlab-bundle`, "{}\n");
await Deno.writeTextFile(`${bundle}/.venv/bin/deno`, DENO, { mode: 0o755 });

async function ldlab(
  args: readonly string[],
  { env = {}, script = `${bundle}/ldlab`, user = {} } = {},
) {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: [script, ...args],
    cwd: folder,
    clearEnv: true,
    env: { HOME: folder, PATH: "/usr/bin:/bin", ...env },
    ...user,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout).split("\n"), said: text(stderr) };
}

/** What Deno is told of `ldlab doctor -x`. */
const doctor = (denoDir: string) => [
  "run",
  "-A",
  "--config",
  `${bundle}/deno.json`,
  `${bundle}/commands/doctor.ts`,
  "-x",
  `in ${folder}`,
  `DENO_DIR=${denoDir}`,
];

Deno.test("ldlab runs a bundle's own Deno at once, from any folder", async () => {
  const run = { code: 0, out: doctor(`${bundle}/.cache/deno`), said: "" };
  assert.deepEqual(await ldlab(["doctor", "-x"]), run);

  await Deno.symlink(`${bundle}/ldlab`, `${folder}/link`);
  const script = `${folder}/link`;
  assert.deepEqual(await ldlab(["doctor", "-x"], { script }), run);

  const env = { DENO_DIR: "/named" };
  const { out } = await ldlab(["doctor", "-x"], { env });
  assert.deepEqual(out, doctor("/named"));

  const check = await ldlab(["check"]);
  assert.deepEqual(check.out.slice(0, 4), [
    "task",
    "--quiet",
    "check",
    `in ${bundle}`,
  ]);
});

Deno.test("ldlab says what a bundle has no need of, and what it has not", async () => {
  const setup = await ldlab(["setup"]);
  assert.deepEqual([setup.code, setup.out], [0, [""]]);
  assert.equal(setup.said, "ldlab: a bundle is ready as it is");
  const cuda = await ldlab(["setup", "--cuda"]);
  assert.deepEqual([cuda.code, cuda.out], [1, [""]]);
  assert.match(cuda.said, /^ldlab: .* \.\/ldlab bundle .* --cuda/);

  await Deno.mkdir(`${folder}/none`);
  for (const name of ["sh", "dirname", "readlink"]) {
    await Deno.symlink(`/bin/${name}`, `${folder}/none/${name}`);
  }
  const lab = await ldlab(["lab"], { env: { PATH: `${folder}/none` } });
  assert.deepEqual([lab.code, lab.out], [1, [""]]);
  assert.match(lab.said, /^ldlab: a bundle has no JupyterLab.*kernel install/);
});

Deno.test("ldlab leaves a bundle that it cannot write to as it is", async () => {
  // Root may write everywhere, and so is nobody here.
  const user = Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : {};
  await Deno.chmod(folder, 0o755);
  await Deno.chmod(bundle, 0o555);
  try {
    // Deno's own, in the home folder; without one it must be told of some.
    const { out } = await ldlab(["doctor", "-x"], { user });
    assert.deepEqual(out, doctor(""));
    const homeless = await ldlab(["doctor", "-x"], { user, env: { HOME: "" } });
    assert.deepEqual(homeless.out, doctor(`${bundle}/.cache/deno`));
  } finally {
    await Deno.chmod(bundle, 0o755);
  }
});
