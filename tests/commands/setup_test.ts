/** `./ldlab setup --cuda` in a project that is set up, of which pip is a diary. */
import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";

const folder = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** Writes down what pip is asked for, and fails where its words match `FAIL`. */
const PYTHON = `#!/bin/sh
shift 3 # -m pip --disable-pip-version-check
echo "$*" >>"$DIARY"
case $* in $FAIL) echo "no network" >&2; exit 1 ;; esac
`;
const DENO = "#!/bin/sh\nexit 0\n";

/** A project that is set up for the processor. */
async function project(name: string) {
  const root = `${folder}/${name}`;
  for (const path of [".venv/bin", "node_modules/.deno"]) {
    await Deno.mkdir(`${root}/${path}`, { recursive: true });
  }
  for (
    const file of [
      "ldlab",
      "requirements.txt",
      "requirements-cuda.txt",
      "requirements-tensorflow.txt",
      "constraints.txt",
      "deno.lock",
    ]
  ) await Deno.copyFile(`${projectFolder}/${file}`, `${root}/${file}`);
  const mode = { mode: 0o755 };
  await Deno.writeTextFile(`${root}/.venv/bin/python`, PYTHON, mode);
  await Deno.writeTextFile(`${root}/.venv/bin/deno`, DENO, mode);
  const stamp = await new Deno.Command("sh", {
    args: [
      "-c",
      'printf "%s " "$PWD"; cat ldlab requirements*.txt constraints.txt deno.lock | cksum',
    ],
    cwd: root,
  }).output();
  await Deno.writeFile(`${root}/.venv/.ldlab-ready`, stamp.stdout);
  const ready = () =>
    Deno.readTextFile(`${root}/.venv/.ldlab-ready`).catch(() => null);
  const setUp = async (fail: string, path = Deno.env.get("PATH")!) => {
    const diary = `${root}/diary`;
    await Deno.writeTextFile(diary, "");
    const { code, stderr } = await new Deno.Command("sh", {
      args: [`${root}/ldlab`, "setup", "--cuda"],
      env: { DIARY: diary, FAIL: fail, PATH: path },
    }).output();
    const asked = (await Deno.readTextFile(diary)).trim().split("\n");
    return { code, said: new TextDecoder().decode(stderr), asked };
  };
  return { root, ready, setUp };
}

Deno.test("ldlab setup --cuda puts TensorFlow for cards in place of the other", async () => {
  const { root, ready, setUp } = await project("a project");
  const { code, said, asked } = await setUp("nothing");
  assert.equal(code, 0, said);
  const wheels = `${root}/.venv/.wheels`;
  assert.deepEqual(asked, [
    `install --quiet --no-deps --no-compile -r ${wheels}/nvidia.txt`,
    `download --quiet --no-deps --dest ${wheels} -r ${wheels}/tensorflow.txt`,
    "uninstall --quiet --yes tensorflow-cpu",
    `install --quiet --no-deps --no-compile --no-index --find-links ${wheels} ` +
    `-r ${wheels}/tensorflow.txt`,
  ]);
  assert.match((await ready())!, / cuda \d/);
  await assert.rejects(Deno.stat(wheels), Deno.errors.NotFound);
  // Once is enough.
  assert.deepEqual((await setUp("*")).asked, [""]);
});

Deno.test("ldlab setup --cuda keeps what works where the libraries cannot be had", async () => {
  const { root, ready, setUp } = await project("offline");
  const before = await ready();
  for (const fail of ["*nvidia.txt", "download*"]) {
    const { code, said, asked } = await setUp(fail);
    assert.equal(code, 1);
    assert.match(said, /no network\n.*stays set up for the processor\n$/);
    assert.ok(!asked.some((line) => line.startsWith("uninstall")));
    assert.equal(await ready(), before);
    await assert.rejects(Deno.stat(`${root}/.venv/.wheels`));
  }
  // What is half removed is no set-up.
  const { code } = await setUp("uninstall*");
  assert.equal(code, 1);
  assert.equal(await ready(), null);
});

Deno.test("ldlab setup goes on where the disk knows no locks", async () => {
  const { root, setUp } = await project("lustre");
  await Deno.mkdir(`${root}/programs`);
  await Deno.writeTextFile(
    `${root}/programs/flock`,
    "#!/bin/sh\necho 'flock: 9: Function not implemented' >&2\nexit 65\n",
    { mode: 0o755 },
  );
  const path = `${root}/programs:${Deno.env.get("PATH")}`;
  const { code, said } = await setUp("nothing", path);
  assert.equal(code, 0, said);
  assert.doesNotMatch(said, /flock|waiting/);
});
