import { createHash } from "node:crypto";

/**
 * The SHA-256 of a file, read piece by piece.
 *
 * @param path The file.
 * @param options.signal Stops the reading.
 * @returns 64 hex digits in small letters.
 * @throws {Error} What the file system throws, or the signal's reason.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sha256OfFile } from "ldlab/train/file_hash.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "abc");
 * assert.match(await sha256OfFile(path), /^ba7816bf.{56}$/); // FIPS 180-2, B.1
 * await Deno.remove(path);
 * ```
 */
export async function sha256OfFile(
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const piece = new Uint8Array(2 ** 20);
  for (;;) {
    signal?.throwIfAborted();
    const length = await file.read(piece);
    if (length === null) return hash.digest("hex");
    hash.update(piece.subarray(0, length));
  }
}
