import { mkdtemp, readdir, readlink, rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import puppeteer, { type Browser } from "puppeteer-core";
import { browserRemedy, findBrowser } from "./find_browser.ts";

/**
 * A headless Chromium, driven by puppeteer.
 *
 * Use it to draw figures ({@link openExporter}) or to look at a page in a
 * test. It hangs on a pipe, so it ends with this process even when that is
 * killed. Its profile is removed when it is closed, or, after a kill, by the
 * next one.
 *
 * @param path the executable, as {@link findBrowser} gives it
 * @returns the browser; `close()` it
 * @throws {Error} when there is no browser or it does not start, with what to do
 *
 * @example
 * ```ts
 * import { openBrowser } from "ldlab/report/browser.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(openBrowser(null), /sudo apt install chromium/);
 * ```
 */
export async function openBrowser(
  path: string | null = findBrowser(),
): Promise<Browser> {
  if (path === null) {
    throw new Error(`Cannot open Chromium: none was found: ${browserRemedy}`);
  }
  await tryToRun(path);
  await removeLeftProfiles();
  const profile = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    const browser = await puppeteer.launch({
      executablePath: path,
      headless: true,
      pipe: true,
      userDataDir: profile,
      // One that hangs must not hold up a notebook for minutes.
      protocolTimeout: 60_000,
      // Stop (SIGINT) belongs to the run that draws, not to its browser.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
        // Chromium's sandbox refuses to run as root, as in a container.
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    });
    const close = browser.close.bind(browser);
    browser.close = async () => {
      try {
        await close();
      } finally {
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    };
    return browser;
  } catch (cause) {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    throw didNotStart(path, (cause as Error).message, cause);
  }
}

/**
 * Asks the browser for its version. One that cannot be run at all says here what
 * it lacks; puppeteer would lose the words, or, where the operating system
 * refuses to run the file, throw where nobody can catch it.
 */
async function tryToRun(path: string): Promise<void> {
  let ended: Deno.CommandOutput;
  try {
    ended = await new Deno.Command(path, {
      args: ["--version"],
      stdin: "null",
      signal: AbortSignal.timeout(30_000),
    }).output();
  } catch (cause) {
    throw didNotStart(path, (cause as Error).message, cause);
  }
  if (ended.success) return;
  const said = new TextDecoder().decode(ended.stderr).trim();
  throw didNotStart(path, said || `it ended with code ${ended.code}`);
}

function didNotStart(path: string, reason: string, cause?: unknown): Error {
  return new Error(
    `Cannot open Chromium: ${path} did not start: ${browserRemedy}: ${reason}`,
    { cause },
  );
}

const prefix = "ldlab-chromium-";

/**
 * Removes profiles of processes that ended without closing, as a Jupyter kernel
 * does. A container that shares the folder has processes that cannot be seen
 * from here: only its profile's age and lock tell that it is in use.
 */
async function removeLeftProfiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, id] = name.match(`^${prefix}(\\d+)-`) ?? [];
    if (id === undefined || isRunning(Number(id))) continue;
    const profile = join(tmpdir(), name);
    try {
      const { mtimeMs } = await stat(profile);
      if (Date.now() - mtimeMs < hourMs || await isLocked(profile)) continue;
      await rm(profile, { recursive: true, force: true });
    } catch {
      // Another user's, or removed by someone else meanwhile.
    }
  }
}

const hourMs = 3_600_000;

/** Whether a browser holds the profile: Chromium links a lock to "host-id". */
async function isLocked(profile: string): Promise<boolean> {
  const lock = await readlink(join(profile, "SingletonLock")).catch(() => null);
  const [, host, id] = lock?.match(/^(.*)-(\d+)$/) ?? [];
  if (host === undefined) return false;
  return host !== hostname() || isRunning(Number(id));
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
