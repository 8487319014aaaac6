import type { Entry } from "./entry.ts";

const BLOCK = 512;
const encoder = new TextEncoder();

/**
 * Entries as a tar archive (POSIX.1-2001), for `tar` and for `unpack.ts`. Equal
 * entries give equal bytes: times and owners are left out.
 *
 * @throws {Error} If a file has another length than it had when it was listed.
 */
export async function* tarStream(
  entries: Iterable<Entry>,
): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield* headers(entry);
    if (entry.kind === "link") continue;
    let written = 0;
    for await (const chunk of entry.open()) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== entry.bytes) {
      throw new Error(
        `Cannot bundle ${entry.path}: it changed while it was read, from ` +
          `${entry.bytes} to ${written} bytes. Please bundle again`,
      );
    }
    yield new Uint8Array(padding(written));
  }
  yield new Uint8Array(2 * BLOCK);
}

/** An entry's header, after one with what is too long for it. */
function* headers(entry: Entry): Generator<Uint8Array> {
  const target = entry.kind === "link" ? entry.target : "";
  const records = [["path", entry.path], ["linkpath", target]]
    .filter(([, value]) => encoder.encode(value).length > 100)
    .map(([name, value]) => record(name, value)).join("");
  if (records !== "") {
    const content = encoder.encode(records);
    yield header({ path: "long", type: "x", bytes: content.length });
    yield content;
    yield new Uint8Array(padding(content.length));
  }
  yield entry.kind === "link"
    ? header({ path: entry.path, type: "2", target })
    : header({ ...entry, type: "0" });
}

/** `LENGTH NAME=VALUE`, whose length counts its own digits. */
function record(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes + `${bytes}`.length;
  if (`${length}`.length > `${bytes}`.length) {
    length = bytes + `${length}`.length;
  }
  return `${length}${rest}`;
}

function header(
  { path, type, bytes = 0, executable = false, target = "" }: {
    path: string;
    type: "0" | "2" | "x";
    bytes?: number;
    executable?: boolean;
    target?: string;
  },
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string, length: number) =>
    block.set(encoder.encode(text).subarray(0, length), at);
  const octal = (at: number, value: number, length: number) =>
    put(at, `${value.toString(8).padStart(length - 1, "0")}\0`, length);
  put(0, path, 100);
  octal(100, executable || type === "2" ? 0o755 : 0o644, 8);
  octal(108, 0, 8);
  octal(116, 0, 8);
  octal(124, bytes, 12);
  octal(136, 0, 12);
  put(148, " ".repeat(8), 8);
  put(156, type, 1);
  put(157, target, 100);
  put(257, "ustar\0" + "00", 8);
  octal(148, block.reduce((sum, byte) => sum + byte, 0), 7);
  return block;
}

/** How much a file of so many bytes lacks of whole blocks. */
function padding(bytes: number): number {
  return (BLOCK - bytes % BLOCK) % BLOCK;
}
