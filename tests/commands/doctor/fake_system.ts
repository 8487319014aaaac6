import type { Answer, System } from "../../../commands/doctor/system.ts";

/** What a program says that was run and ended well. */
export function answer(stdout: string, other: Partial<Answer> = {}): Answer {
  return { code: 0, signal: null, stdout, stderr: "", late: false, ...other };
}

const FILES: Readonly<Record<string, string>> = {
  "/p/deno.json":
    '{ "version": "1.2.3", "imports": { "a": "npm:@x/a@4.5.6", "l/": "./l/" } }',
  "/p/requirements.txt":
    "# pins\ndeno==2.9.8\njupyterlab==4.6.6\nnbclient==1.0\nnbconvert==2.0\nplotly==3.0\n",
  "/p/node_modules/@x/a/package.json": '{ "version": "4.5.6" }',
  "/p/.venv/share/jupyter/kernels/deno/kernel.json":
    '{ "argv": ["/p/.venv/bin/deno", "jupyter"] }',
  "/proc/cpuinfo": "processor\t: 0\nmodel name\t: Z80\nflags\t\t: avx avx2\n",
  "/etc/os-release": 'PRETTY_NAME="GNU/Test 12"\n',
};

const PACKAGES = [
  "jupyterlab-4.6.6.dist-info",
  "nbclient-1.0.dist-info",
  "nbconvert-2.0.dist-info",
  "plotly-3.0.dist-info",
];

/** What differs from a machine on which all is well. */
export interface Differences extends Partial<System> {
  /** By path; null where a file is missing. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** By path of the folder. */
  readonly folders?: Readonly<Record<string, readonly string[]>>;
}

/** A machine of records, on which all is well but for what is given. */
export function fakeSystem(
  { files, folders, ...differences }: Differences = {},
): System {
  const texts: Readonly<Record<string, string | null>> = { ...FILES, ...files };
  const named: Readonly<Record<string, readonly string[]>> = {
    "/p/.venv/lib": ["python3.11"],
    "/p/.venv/lib/python3.11/site-packages": PACKAGES,
    ...folders,
  };
  return {
    project: "/p",
    results: "/p/results",
    isBundle: false,
    deno: "2.9.8",
    kernel: "linux 6.1 x86_64",
    cores: 1,
    environment: {},
    commit: () => "abc",
    memory: () => ({ available: 4 * 2 ** 30, total: 8 * 2 ** 30 }),
    libc: () => "2.36",
    browser: () => "/usr/bin/chromium",
    read: (path) =>
      texts[path] === undefined || texts[path] === null
        ? Promise.reject(new Deno.errors.NotFound(path))
        : Promise.resolve(texts[path]),
    names: (folder) => Promise.resolve([...named[folder] ?? []]),
    exists: () => Promise.resolve(true),
    canWrite: () => Promise.resolve(true),
    freeBytes: () => Promise.resolve(2 * 2 ** 30),
    run: (program) =>
      Promise.resolve(
        answer(program.endsWith("deno") ? "deno 2.9.8 (stable)\n" : "Chrome 1"),
      ),
    ...differences,
  };
}
