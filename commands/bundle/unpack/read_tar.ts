import { dirname, join } from "node:path";

const BLOCK = 512;
const decoder = new TextDecoder();

/**
 * Unpacks a tar archive as `./ldlab bundle` makes it.
 *
 * @param chunks The archive, in pieces of any length.
 * @param folder Where to; it exists.
 * @throws {SyntaxError} If it is no such archive, or a path leads out of the
 * folder.
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<void> {
  const bytes = new Pieces(chunks);
  const made = new Set<string>();
  let long: Record<string, string> = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (block[0] === 0) return;
    const field = (at: number, length: number) =>
      decoder.decode(block.subarray(at, at + length)).split("\0")[0];
    const size = parseInt(field(124, 12), 8);
    const type = field(156, 1);
    const padding = (BLOCK - size % BLOCK) % BLOCK;
    if (type === "x") {
      long = records(decoder.decode(await bytes.take(size)));
      await bytes.take(padding);
      continue;
    }
    const path = join(folder, inside(long.path ?? field(0, 100)));
    if (!made.has(dirname(path))) {
      await Deno.mkdir(dirname(path), { recursive: true });
      made.add(dirname(path));
    }
    if (type === "2") {
      await Deno.symlink(long.linkpath ?? field(157, 100), path);
    } else if (type === "0") {
      const mode = parseInt(field(100, 8), 8);
      using file = await Deno.open(path, { write: true, create: true, mode });
      for await (const piece of bytes.pieces(size)) await write(file, piece);
      await bytes.take(padding);
    } else {
      throw new SyntaxError(
        `Cannot unpack: '${path}' must be a file or a link: current type is ` +
          `'${type}'`,
      );
    }
    long = {};
  }
}

async function write(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await file.write(rest));
  }
}

/** `LENGTH NAME=VALUE` lines as an object. */
function records(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").filter((line) => line !== "").map((line) => {
      const [, name, value] = /^\d+ ([^=]+)=(.*)$/.exec(line)!;
      return [name, value];
    }),
  );
}

function inside(path: string): string {
  if (path !== "" && !path.startsWith("/") && !path.split("/").includes("..")) {
    return path;
  }
  throw new SyntaxError(
    `Cannot unpack: a path must stay inside the bundle: current path is '${path}'`,
  );
}

/** Bytes of a stream, so many at a time. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    let at = 0;
    for await (const piece of this.pieces(count)) {
      taken.set(piece, at);
      at += piece.length;
    }
    return taken;
  }

  async *pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#source.next();
        if (done) {
          throw new SyntaxError("Cannot unpack: the archive is cut off");
        }
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
