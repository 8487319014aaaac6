import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

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
 * @throws {Error} when LDLAB_CHROMIUM names nothing that exists
 *
 * @example
 * ```ts
 * import { findBrowser } from "ldlab/report/find_browser.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => findBrowser({ LDLAB_CHROMIUM: "/no/such" }), /unset it/);
 * ```
 */
export function findBrowser(
  environment: Record<string, string | undefined> = process.env,
): string | null {
  const chosen = environment.LDLAB_CHROMIUM;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(
      `Cannot find Chromium: LDLAB_CHROMIUM names no file: current value is "${chosen}": give the path of the executable, or unset it to use the installed one`,
    );
  }
  const folders = (environment.PATH ?? "").split(delimiter);
  const candidates = names.flatMap((name) =>
    folders.filter(Boolean).map((folder) => join(folder, name))
  );
  return [...candidates, ...applications].find(existsSync) ?? null;
}
