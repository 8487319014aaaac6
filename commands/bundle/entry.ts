/** A file of a bundle. */
export interface FileEntry {
  readonly kind: "file";
  /** Where in the bundle, with slashes and none at the start. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
  /** Its content, `bytes` long, anew at each call. */
  open(): AsyncIterable<Uint8Array>;
}

/** A symbolic link of a bundle. */
export interface LinkEntry {
  readonly kind: "link";
  readonly path: string;
  /** Relative to the link's folder, so that it holds wherever the bundle lies. */
  readonly target: string;
}

/** What a bundle holds at one path; folders follow from the paths. */
export type Entry = FileEntry | LinkEntry;

/** What belongs together, is unpacked together and copied again together. */
export interface Component {
  readonly name: "deno" | "tensorflow" | "cuda" | "packages" | "ldlab";
  readonly entries: readonly Entry[];
}

/**
 * A file of this machine as a file of a bundle.
 *
 * @param source Where it lies; links are followed.
 * @param path Where it goes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fileEntry } from "./entry.ts";
 *
 * const entry = await fileEntry(import.meta.filename!, "lib/one.ts");
 * assert.equal(entry.executable, false);
 * assert.equal(entry.bytes, (await Deno.stat(import.meta.filename!)).size);
 * ```
 */
export async function fileEntry(
  source: string,
  path: string,
): Promise<FileEntry> {
  const { size, mode } = await Deno.stat(source);
  return {
    kind: "file",
    path,
    bytes: size,
    executable: ((mode ?? 0) & 0o100) !== 0,
    async *open() {
      yield* (await Deno.open(source)).readable;
    },
  };
}

/**
 * A text as a file of a bundle.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { textEntry } from "./entry.ts";
 *
 * assert.equal(textEntry("a.txt", "τ\n").bytes, 3);
 * ```
 */
export function textEntry(path: string, text: string): FileEntry {
  const content = new TextEncoder().encode(text);
  return {
    kind: "file",
    path,
    bytes: content.length,
    executable: false,
    async *open() {
      yield content;
    },
  };
}
