import { dirname } from "node:path";
import { closeLocked } from "../lib/train/close_locked.ts";

/** Milliseconds between two looks at a lock that another process holds. */
const POLL = 200;

/**
 * Waits until this process alone holds a run. The operating system frees the
 * lock with its process, however that ends; the file stays and means nothing.
 *
 * @param path The lock's file; made with its folder if need be.
 * @param options.signal Ends the waiting.
 * @param options.onWait Told once if another process holds the lock.
 * @returns The lock, freed by disposing it, or `null` if the signal ended the
 * waiting.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const path = `${Deno.makeTempDirSync()}/run.lock`;
 * {
 *   using mine = await lockRun(path);
 *   assert.ok(mine);
 *   const stop = new AbortController();
 *   const other = lockRun(path, { signal: stop.signal, onWait: () => stop.abort() });
 *   assert.equal(await other, null);
 * }
 * using next = await lockRun(path);
 * assert.ok(next);
 * ```
 */
export async function lockRun(
  path: string,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void } = {},
): Promise<Disposable | null> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { write: true, create: true });
  let isOurs = false;
  try {
    isOurs = await waitForLock(file, { signal, onWait });
  } finally {
    if (!isOurs) file.close();
  }
  return isOurs ? { [Symbol.dispose]: () => closeLocked(file) } : null;
}

/**
 * Waits until this process alone holds an open file.
 *
 * @param options As `lockRun` has them.
 * @returns Whether it does; not if the signal ended the waiting.
 * @throws {Error} On a disk that knows no locks.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * using file = await Deno.open(await Deno.makeTempFile());
 * assert.ok(await waitForLock(file, { signal: AbortSignal.timeout(1000) }));
 * ```
 */
export async function waitForLock(
  file: Deno.FsFile,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void },
): Promise<boolean> {
  let told = false;
  while (!await file.tryLock(true)) {
    if (!told) onWait?.();
    told = true;
    if (signal?.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return true;
}

/**
 * Whether a process holds a run now. It need not be allowed to hold it itself.
 *
 * @param path The lock's file.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const path = `${Deno.makeTempDirSync()}/run.lock`;
 * assert.equal(await isLocked(path), false);
 * using mine = await lockRun(path);
 * assert.ok(mine);
 * assert.equal(await isLocked(path), true);
 * ```
 */
export async function isLocked(path: string): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  try {
    return !await file.tryLock(false);
  } finally {
    closeLocked(file);
  }
}
