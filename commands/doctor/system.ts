import { statfs } from "node:fs/promises";
import { release } from "node:os";
import { bundleStamp } from "../../experiments/bundle_stamp.ts";
import { projectFolder, resultsFolder } from "../../experiments/project.ts";
import { commitId } from "../../experiments/run_environment.ts";
import { findBrowser } from "../../lib/report/find_browser.ts";

/** What a program that was run answered. */
export interface Answer {
  /** Its exit status; 128 and more where a signal ended it. */
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because its time was up. */
  readonly late: boolean;
}

/** The machine and the project, as far as the doctor looks at them. */
export interface System {
  /** The project's folder. */
  readonly project: string;
  /** Where results go. */
  readonly results: string;
  readonly isBundle: boolean;
  readonly deno: string;
  /** The kernel's name, release and architecture. */
  readonly kernel: string;
  readonly cores: number;
  readonly environment: Readonly<Record<string, string>>;
  commit(): string;
  /** Bytes that can be had without swapping, and all there are. */
  memory(): { available: number; total: number };
  /** The version of the C library; null where it is not glibc. */
  libc(): string | null;
  /** The browser's path, null where there is none. */
  browser(): string | null;
  /** @throws {Deno.errors.NotFound} If the file is not there. */
  read(path: string): Promise<string>;
  /** The names in a folder; none where it is not there. */
  names(folder: string): Promise<string[]>;
  /** Whether there is such a file or folder; links are followed. */
  exists(path: string): Promise<boolean>;
  /** Whether files can be made in a folder. */
  canWrite(folder: string): Promise<boolean>;
  /** Of the disk that a folder lies on. */
  freeBytes(folder: string): Promise<number>;
  /** @throws {Error} If there is no such program, or it may not be run. */
  run(program: string, args: string[], seconds: number): Promise<Answer>;
}

/** This machine and this project. */
export function thisSystem(): System {
  return {
    project: projectFolder,
    results: resultsFolder,
    isBundle: bundleStamp() !== null,
    deno: Deno.version.deno,
    kernel: `${Deno.build.os} ${release()} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    environment: Deno.env.toObject(),
    commit: commitId,
    memory: Deno.systemMemoryInfo,
    libc: libcVersion,
    browser: findBrowser,
    read: (path) => Deno.readTextFile(path),
    async names(folder) {
      try {
        const entries = await Array.fromAsync(Deno.readDir(folder));
        return entries.map(({ name }) => name).sort();
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    },
    exists: (path) => Deno.stat(path).then(() => true, () => false),
    async canWrite(folder) {
      // Permissions do not tell of a disk that is mounted for reading.
      try {
        const options = { dir: folder, prefix: ".ldlab-doctor-" };
        await Deno.remove(await Deno.makeTempFile(options));
        return true;
      } catch {
        return false;
      }
    },
    async freeBytes(folder) {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    run,
  };
}

function libcVersion(): string | null {
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      gnu_get_libc_version: { parameters: [], result: "pointer" },
    });
  } catch {
    return null; // another C library
  }
  try {
    const version = libc.symbols.gnu_get_libc_version()!;
    return Deno.UnsafePointerView.getCString(version);
  } finally {
    libc.close();
  }
}

async function run(
  program: string,
  args: string[],
  seconds: number,
): Promise<Answer> {
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended, and what it started holds on to its output.
    }
  }, seconds * 1000);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr), late };
}
