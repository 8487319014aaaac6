const BUSY = /locked|busy/;

/** What SQLite says of each trouble, and what helps. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    BUSY,
    "Another process has held it for long: end that process, or wait for it, " +
    "and run again",
  ],
  [
    /readonly|read-only|unable to open|permission denied/i,
    "Make the folder and its files writable, or name another folder with " +
    "--folder or in LDLAB_RESULTS",
  ],
  [
    /full|disk I\/O|no space|file too large/i,
    "Free space, and run again: finished runs and checkpoints are kept",
  ],
  [
    /not a database|malformed/,
    "If the file is damaged, move it away with its -wal and -shm: finished " +
    "runs are evaluated again from their checkpoints",
  ],
];

/**
 * What is wrong with a store of runs, as a sentence that says what to do.
 *
 * @param action What could not be done: `open`, `write to`.
 * @param path The database's file.
 * @param cause What SQLite or the file system threw.
 * @returns The error to throw.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { storeError } from "./store_error.ts";
 *
 * const { message } = storeError("write to", "runs.sqlite", new Error("database is locked"));
 * assert.match(message, /^Cannot write to the store of runs runs\.sqlite: database is locked\. Another/);
 * ```
 */
export function storeError(
  action: string,
  path: string,
  cause: unknown,
): Error {
  const { message } = cause as Error;
  const known = REMEDIES.find(([symptom]) => symptom.test(message));
  return new Error(
    `Cannot ${action} the store of runs ${path}: ${message}` +
      (known ? `. ${known[1]}` : ""),
    { cause },
  );
}

/** Whether what SQLite threw says that a store cannot be written. */
export function isReadOnly(error: unknown): boolean {
  return /readonly|unable to open/.test((error as Error).message);
}

/** Whether what SQLite threw says that another process holds a store. */
export function isBusy(error: unknown): boolean {
  return BUSY.test((error as Error).message);
}
