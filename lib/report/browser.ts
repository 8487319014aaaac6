import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import puppeteer, { type Browser } from "puppeteer-core";

/** What to do where there is no Chromium. */
export const browserRemedy =
  "install it (Debian, Ubuntu: sudo apt install chromium) or name one in LDLAB_CHROMIUM";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
];

const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Where Chromium, or a browser made of it, lies on this machine.
 *
 * Use it to find out whether figures can become pictures here.
 *
 * @param environment the environment variables; LDLAB_CHROMIUM is an
 * executable and goes first, then the usual names along PATH, then macOS's
 * applications
 * @returns the path, or `null` when there is none
 * @throws {RangeError} when LDLAB_CHROMIUM names nothing that exists
 *
 * @example
 * ```ts
 * import { findBrowser } from "ldlab/report/browser.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => findBrowser({ LDLAB_CHROMIUM: "/no/such" }), RangeError);
 * ```
 */
export function findBrowser(
  environment: Record<string, string | undefined> = process.env,
): string | null {
  const chosen = environment.LDLAB_CHROMIUM;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new RangeError(
      `Cannot find the browser: LDLAB_CHROMIUM must be the path of an executable: current value is "${chosen}"`,
    );
  }
  const folders = (environment.PATH ?? "").split(delimiter);
  const candidates = names.flatMap((name) =>
    folders.filter(Boolean).map((folder) => join(folder, name))
  );
  return [...candidates, ...applications].find(existsSync) ?? null;
}

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
 * @throws {Error} when there is no browser (it says what to install), or when it does not start
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
  await removeLeftProfiles();
  const profile = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    const browser = await puppeteer.launch({
      executablePath: path,
      headless: true,
      pipe: true,
      userDataDir: profile,
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
      await close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    return browser;
  } catch (cause) {
    await rm(profile, { recursive: true, force: true });
    throw new Error(
      `Cannot open Chromium: ${path} did not start: ${
        (cause as Error).message
      }`,
      {
        cause,
      },
    );
  }
}

const prefix = "ldlab-chromium-";

/** Profiles of processes that ended without closing, as a Jupyter kernel does. */
async function removeLeftProfiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, id] = name.match(`^${prefix}(\\d+)-`) ?? [];
    if (id === undefined || isRunning(Number(id))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true })
      .catch(() => {}); // another user's
  }
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
