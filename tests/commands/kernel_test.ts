import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";

/** What `./ldlab kernel` says and ends with, typed in a folder of its own. */
async function kernel(home: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--config", `${projectFolder}/deno.json`],
      `${projectFolder}/commands/kernel.ts`,
      ...args,
    ],
    cwd: home,
    env: { NO_COLOR: "1", JUPYTER_DATA_DIR: `${home}/jupyter data` },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function withHome(body: (home: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ldlab-kernel-" });
  try {
    const home = `${folder}/"it's" $HOME`; // what a shell could stumble over
    await Deno.mkdir(home);
    await body(home);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const registered = (home: string) => `${home}/jupyter data/kernels/ldlab`;

/** Puts a kernel.json there that starts something else. */
async function register(home: string, argv: string[]): Promise<string> {
  await Deno.mkdir(registered(home), { recursive: true });
  const text = JSON.stringify({ argv, display_name: "x", language: "x" });
  await Deno.writeTextFile(`${registered(home)}/kernel.json`, text);
  return text;
}

const readSpec = (folder: string) => Deno.readTextFile(`${folder}/kernel.json`);

/** What starts the kernel of a checkout. */
const argvOf = (checkout: string) => [
  "/bin/sh",
  `${checkout}/commands/kernel/start.sh`,
  "{connection_file}",
];

/** A folder that looks as another checkout that is set up. */
async function otherCheckout(home: string): Promise<string> {
  const checkout = `${home}/other checkout`;
  await Deno.mkdir(`${checkout}/commands/kernel`, { recursive: true });
  await Deno.mkdir(`${checkout}/.venv/bin`, { recursive: true });
  await Deno.writeTextFile(`${checkout}/commands/kernel/start.sh`, "");
  await Deno.writeTextFile(`${checkout}/.venv/bin/deno`, "");
  return checkout;
}

Deno.test("kernel install registers this checkout, kernel says so, and uninstall takes it away", () =>
  withHome(async (home) => {
    for (const time of ["first", "second"]) {
      const { code, stdout, stderr } = await kernel(home, "install", "--user");
      assert.equal(code, 0, `${time}: ${stderr}`);
      assert.ok(stdout.includes(registered(home)), stdout);
    }
    assert.deepEqual(JSON.parse(await readSpec(registered(home))), {
      argv: argvOf(projectFolder),
      display_name: "ldlab (Deno)",
      language: "typescript",
      interrupt_mode: "signal",
    });
    assert.deepEqual(
      [...Deno.readDirSync(registered(home))].map(({ name }) => name),
      ["kernel.json"],
    );
    assert.ok(
      (await kernel(home)).stdout.includes(
        `${registered(home)} starts this checkout, ${projectFolder}\n`,
      ),
    );

    const elsewhere = await kernel(home, "uninstall", "--prefix", "env");
    assert.equal(elsewhere.code, 1);
    assert.ok(elsewhere.stderr.includes(`There is one in ${registered(home)}`));
    const { code, stdout } = await kernel(home, "uninstall", "--user");
    assert.equal(code, 0);
    assert.ok(stdout.includes(`${registered(home)} is removed`), stdout);
    assert.throws(() => Deno.statSync(registered(home)), Deno.errors.NotFound);
    const again = await kernel(home, "uninstall", "--user");
    assert.equal(again.code, 1);
    assert.match(
      again.stderr,
      /^Cannot remove the kernel: there is none in /,
    );
  }));

Deno.test("kernel uninstall leaves files that install did not write", () =>
  withHome(async (home) => {
    assert.equal((await kernel(home, "install", "--prefix", "env")).code, 0);
    const folder = `${home}/env/share/jupyter/kernels/ldlab`;
    await Deno.writeTextFile(`${folder}/logo-svg.svg`, "<svg/>");
    const { code, stderr } = await kernel(home, "uninstall", "--prefix=env");
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name),
      ["logo-svg.svg"],
    );
  }));

Deno.test("kernel install replaces another checkout's kernel with --force only, and uninstall leaves it", () =>
  withHome(async (home) => {
    const other = await otherCheckout(home);
    const text = await register(home, argvOf(other));
    const refused = await kernel(home, "install", "--user");
    assert.equal(refused.code, 1);
    assert.ok(refused.stderr.includes(`another checkout, ${other}.`));
    assert.match(refused.stderr, /^Cannot register .*--force/);
    const left = await kernel(home, "uninstall", "--user");
    assert.equal(left.code, 1);
    assert.ok(left.stderr.endsWith(`it starts ${other}\n`), left.stderr);
    assert.equal(await readSpec(registered(home)), text);
    assert.ok(
      (await kernel(home)).stdout.includes(`another checkout, ${other}`),
    );

    const { code } = await kernel(home, "install", "--user", "--force");
    assert.equal(code, 0);
    assert.match((await kernel(home)).stdout, /starts this checkout/);
  }));

Deno.test("kernel install and uninstall replace the kernel of a checkout that is gone", () =>
  withHome(async (home) => {
    const gone = `${home}/moved away`;
    await register(home, argvOf(gone));
    const { stdout } = await kernel(home);
    assert.ok(stdout.includes(`${gone}, where no checkout is set up`), stdout);
    assert.equal((await kernel(home, "install", "--user")).code, 0);
    assert.match((await kernel(home)).stdout, /starts this checkout/);

    await register(home, argvOf(gone));
    const removed = await kernel(home, "uninstall", "--user");
    assert.ok(removed.stdout.includes(`removed; it started ${gone}\n`));
    assert.throws(() => Deno.statSync(registered(home)), Deno.errors.NotFound);
  }));

Deno.test("kernel leaves a kernel named ldlab that is not ldlab's as it is", () =>
  withHome(async (home) => {
    const text = await register(home, ["python3", "-m", "ldlab"]);
    assert.match((await kernel(home)).stdout, /not ldlab's: python3 -m ldlab/);
    for (
      const args of [["install", "--user", "--force"], ["uninstall", "--user"]]
    ) {
      const { code, stderr } = await kernel(home, ...args);
      assert.equal(code, 1);
      assert.match(stderr, /^Cannot [^]*python3 -m ldlab/);
    }
    assert.equal(await readSpec(registered(home)), text);

    for (const broken of ["{", "[]", '{"argv": "sh"}']) {
      await Deno.writeTextFile(`${registered(home)}/kernel.json`, broken);
      const { code, stderr } = await kernel(home, "install", "--user");
      assert.equal(code, 1);
      assert.match(stderr, /^Cannot register .*not ldlab's/);
      assert.equal(await readSpec(registered(home)), broken);
    }
  }));

Deno.test("kernel says what is wrong with what was typed, and where it cannot write", () =>
  withHome(async (home) => {
    await Deno.writeTextFile(`${home}/file`, "");
    const cases: [string[], number, RegExp][] = [
      [["instal"], 2, /^There is no command 'instal', did you mean 'install'/],
      [["install", "--usr"], 2, /^There is no flag --usr, did you mean --user/],
      [["install", "--user", "--prefix", "x"], 2, /not both/],
      [
        ["install", "--prefix="],
        2,
        /^--prefix must be DIR: current value is ''/,
      ],
      [["install", "here"], 2, /'here' is one too many/],
      [
        ["install", "--prefix", "file"],
        1,
        /^Cannot register the kernel in .*\/file\/share.*: Not a directory.*--prefix/,
      ],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await kernel(home, ...args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    assert.deepEqual(
      [...Deno.readDirSync(home)].map(({ name }) => name),
      ["file"],
    );
  }));
