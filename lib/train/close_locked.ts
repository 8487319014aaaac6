/**
 * Closes a file that may be locked, and frees the lock at once. Closing alone does
 * not where a process is being started: until it runs its program, it has all open
 * files of this one, and their locks.
 *
 * @param file The file; on a disk that knows no locks it is closed all the same.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { closeLocked } from "ldlab/train/close_locked.ts";
 *
 * const path = await Deno.makeTempFile();
 * const file = await Deno.open(path, { write: true });
 * await file.lock(true);
 * closeLocked(file);
 * using next = await Deno.open(path, { write: true });
 * assert.ok(await next.tryLock(true));
 * await Deno.remove(path);
 * ```
 */
export function closeLocked(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // It was never locked.
  } finally {
    file.close();
  }
}
