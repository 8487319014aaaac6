/** Each of the doctor's checks, on machines on which one thing is wrong. */
import assert from "node:assert/strict";
import { checkBrowser } from "../../../commands/doctor/check_browser.ts";
import { checkCards } from "../../../commands/doctor/check_cards.ts";
import { checkDisk } from "../../../commands/doctor/check_disk.ts";
import { checkKernel } from "../../../commands/doctor/check_kernel.ts";
import {
  checkMachine,
  checkMemory,
} from "../../../commands/doctor/check_machine.ts";
import { checkPackages } from "../../../commands/doctor/check_packages.ts";
import { checkVersions } from "../../../commands/doctor/check_versions.ts";
import type { Finding } from "../../../commands/doctor/finding.ts";
import type { System } from "../../../commands/doctor/system.ts";
import { answer, type Differences, fakeSystem } from "./fake_system.ts";

type Check = (system: System) => Promise<Finding[]>;

/** What is found where nothing is wrong. */
async function whole(
  check: Check,
  values: Readonly<Record<string, string>>,
  differences: Differences = {},
): Promise<void> {
  const findings = await check(fakeSystem(differences));
  assert.deepEqual(
    Object.fromEntries(findings.map(({ subject, value }) => [subject, value])),
    values,
  );
  assert.deepEqual(findings.filter(({ state }) => state !== "good"), []);
}

/** The one thing that is found wrong. */
async function wrong(
  check: Check,
  differences: Differences,
  state: "lacking" | "broken",
  value: RegExp,
  remedy: RegExp,
): Promise<void> {
  const findings = (await check(fakeSystem(differences)))
    .filter((finding) => finding.state !== "good");
  assert.equal(findings.length, 1, JSON.stringify(findings));
  assert.equal(findings[0].state, state);
  assert.match(findings[0].value, value);
  assert.match(findings[0].remedy!, remedy);
}

Deno.test("checkVersions() compares with what is pinned", async () => {
  await whole(checkVersions, {
    ldlab: "1.2.3, commit abc",
    Deno: "2.9.8",
    JupyterLab: "4.6.6",
    nbclient: "1.0",
    nbconvert: "2.0",
    plotly: "3.0",
  });
  const setup = /\.\/ldlab setup/;
  const old = { deno: "2.0.0" };
  await wrong(
    checkVersions,
    old,
    "lacking",
    /^2\.0\.0; .*with 2\.9\.8$/,
    setup,
  );
  const packages = [
    "jupyterlab-4.6.6.dist-info",
    "nbclient-1.0.dist-info",
    "nbconvert-2.0.dist-info",
  ];
  const folders = { "/p/.venv/lib/python3.11/site-packages": packages };
  await wrong(checkVersions, { folders }, "lacking", /^missing$/, setup);
});

Deno.test("checkVersions() misses no JupyterLab in a bundle", () =>
  whole(checkVersions, {
    ldlab: "1.2.3, commit abc, a bundle",
    Deno: "2.9.8",
    Notebooks:
      "a bundle has no JupyterLab; for one here: ./ldlab kernel install",
  }, { isBundle: true, folders: { "/p/.venv/lib": [] } }));

Deno.test("checkPackages() names packages that are missing, old or cut off", async () => {
  await whole(checkPackages, { "npm packages": "@x/a 4.5.6" });
  const cases: [text: string | null, value: RegExp][] = [
    [null, /^@x\/a missing, not 4\.5\.6$/],
    ['{ "vers', /^@x\/a missing, not 4\.5\.6$/],
    ['{ "version": "4.0.0" }', /^@x\/a 4\.0\.0, not 4\.5\.6$/],
  ];
  for (const [text, value] of cases) {
    const files = { "/p/node_modules/@x/a/package.json": text };
    const setup = /remove node_modules and run \.\/ldlab setup/;
    await wrong(checkPackages, { files }, "broken", value, setup);
    const bundle = { files, isBundle: true };
    await wrong(checkPackages, bundle, "broken", value, /the bundle again/);
  }
});

Deno.test("checkMachine() tells the machine, and what TensorFlow cannot run on", async () => {
  await whole(checkMachine, {
    System: "GNU/Test 12, linux 6.1 x86_64",
    "C library": "glibc 2.36",
    Processor: "Z80, 1 cores",
    Instructions: "AVX2 yes, AVX512F no, AVX512-BF16 no, AMX-BF16 no",
  });
  const musl = { libc: () => null };
  await wrong(checkMachine, musl, "lacking", /^not glibc$/, /glibc 2\.27 or/);
  const old = { files: { "/proc/cpuinfo": "flags : sse2\n" } };
  await wrong(checkMachine, old, "broken", /^no AVX$/, /LDLAB_TENSORFLOW/);
});

Deno.test("checkMachine() says how many of the cores a job may use", async () => {
  const cpu = "processor : 0\nprocessor : 1\nprocessor : 2\nprocessor : 3\n";
  const findings = await checkMachine(
    fakeSystem({ cores: 2, files: { "/proc/cpuinfo": cpu } }),
  );
  assert.equal(
    findings.find(({ subject }) => subject === "Processor")!.value,
    "unknown, 2 of 4 cores may be used",
  );
});

Deno.test("checkMemory() takes the least of the machine's and the job's", async () => {
  await whole(checkMemory, { Memory: "4.0 GiB available of 8.0 GiB" });
  const little = { memory: () => ({ available: 2 ** 30, total: 2 ** 33 }) };
  const more = /the small scale wants 2\.0 GiB/;
  await wrong(checkMemory, little, "lacking", /^1\.0 GiB available/, more);
  // The job has 4 GiB, of which 3 are in use, 2.5 of those for files.
  const job = {
    "/proc/self/cgroup": "0::/slurm/job_1/step_0\n",
    "/sys/fs/cgroup/slurm/job_1/step_0/memory.max": "max\n",
    "/sys/fs/cgroup/slurm/job_1/memory.max": `${4 * 2 ** 30}\n`,
    "/sys/fs/cgroup/slurm/job_1/memory.current": `${3 * 2 ** 30}\n`,
    "/sys/fs/cgroup/slurm/job_1/memory.stat": `anon 1\ninactive_file ${
      2.5 * 2 ** 30
    }\n`,
    "/sys/fs/cgroup/slurm/memory.max": `${6 * 2 ** 30}\n`,
  };
  const value = { Memory: "3.5 GiB available of 4.0 GiB" };
  await whole(checkMemory, value, { files: job });
  // In a container the root is the container's.
  const container = {
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/memory.max": `${2 ** 30}\n`,
  };
  const all = /^1\.0 GiB available of 1\.0 GiB$/;
  await wrong(checkMemory, { files: container }, "lacking", all, more);
});

Deno.test("checkDisk() says what is free where results will go", async () => {
  await whole(checkDisk, {
    "Free for results": "2.0 GiB at /p/results",
  });
  await whole(checkDisk, { "Free for results": "2.0 GiB at /p" }, {
    exists: (path) => Promise.resolve(path === "/p"),
  });
  const free = (bytes: number) => ({ freeBytes: () => Promise.resolve(bytes) });
  const remove = /\.\/ldlab runs remove.*LDLAB_RESULTS/;
  await wrong(checkDisk, free(5e8), "lacking", /^0\.5 GiB/, remove);
  await wrong(checkDisk, free(5e7), "broken", /^0\.0 GiB/, remove);
  const readOnly = { canWrite: () => Promise.resolve(false) };
  const value = /^\/p\/results cannot be written$/;
  await wrong(checkDisk, readOnly, "broken", value, /LDLAB_RESULTS.*--folder/);
});

Deno.test("checkBrowser() says whether it starts, or why not", async () => {
  await whole(checkBrowser, { Browser: "Chrome 1 (/usr/bin/chromium)" });
  const refused = () => Promise.reject(new Error("Permission denied"));
  const failed = (stderr: string, other = {}) => ({
    run: () => Promise.resolve(answer("", { code: 127, stderr, ...other })),
  });
  const cases: [Differences, RegExp][] = [
    [{ browser: () => null }, /^none, so no pictures/],
    [{
      browser() {
        throw new Error("LDLAB_CHROMIUM names no file");
      },
    }, /^LDLAB_CHROMIUM names no file$/],
    [failed("a\nlibnss3.so: not found\n"), /start: libnss3\.so: not found$/],
    [failed(""), /does not start: exit status 127$/],
    [failed("", { late: true }), /does not start: no answer in 10 s$/],
    [{ run: refused }, /does not start: Permission denied$/],
  ];
  for (const [differences, value] of cases) {
    const install = /sudo apt install chromium/;
    await wrong(checkBrowser, differences, "lacking", value, install);
  }
});

Deno.test("checkKernel() says whether the kernel's Deno starts", async () => {
  await whole(checkKernel, { "Deno kernel": "deno 2.9.8" });
  await whole(checkKernel, {}, { isBundle: true });
  const path = "/p/.venv/share/jupyter/kernels/deno/kernel.json";
  const moved = () => Promise.reject(new Deno.errors.NotFound("deno"));
  const cases: [Differences, RegExp][] = [
    [{ files: { [path]: null } }, /^missing$/],
    [{ files: { [path]: "{}" } }, /kernel\.json cannot be read$/],
    [{ run: moved }, /^its program '\/p\/\.venv\/bin\/deno' does not start$/],
  ];
  for (const [differences, value] of cases) {
    const setup = /run \.\/ldlab setup/;
    await wrong(checkKernel, differences, "lacking", value, setup);
  }
});

Deno.test("checkCards() lists what the driver lists, and cards without one", async () => {
  await whole(checkCards, { "NVIDIA cards": "none" });
  const driver = "/proc/driver/nvidia";
  await whole(checkCards, { "NVIDIA cards": "NVIDIA H100; driver 550.54.15" }, {
    folders: { [`${driver}/gpus`]: ["0000:00:07.0"] },
    files: {
      [`${driver}/gpus/0000:00:07.0/information`]: "Model: \t\t NVIDIA H100\n",
      [`${driver}/version`]:
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5\n",
    },
  });
  // A card, its sound, and one of another maker.
  const bus = "/sys/bus/pci/devices";
  const devices = { a: ["0x10de", "0x030200"], b: ["0x10de", "0x040300"] };
  const files = Object.fromEntries(
    Object.entries({ ...devices, c: ["0x1002", "0x030000"] }).flatMap((
      [name, [vendor, kind]],
    ) => [
      [`${bus}/${name}/vendor`, `${vendor}\n`],
      [`${bus}/${name}/class`, `${kind}\n`],
    ]),
  );
  const folders = { [bus]: ["a", "b", "c"] };
  const value = /^1 without a driver/;
  const install = /driver, 525\.60.*--gpus all/;
  await wrong(checkCards, { files, folders }, "lacking", value, install);
});
