import { closeLocked } from "./close_locked.ts";
import { sha256OfFile } from "./file_hash.ts";

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string;
  /** Bytes that are there, those of an earlier call among them. */
  readonly received: number;
  /** Bytes of the whole file; `null` where the server does not say. */
  readonly total: number | null;
  /** How long the rest takes at the pace so far; `null` where unknown. */
  readonly secondsLeft: number | null;
}

/** Milliseconds between two reports. */
const REPORT_EVERY = 250;
/** Milliseconds without a byte after which a server is given up. */
const PATIENCE = 60_000;

/**
 * Downloads a file so that it exists whole, with the right hash, or not at all:
 * it grows beside its place as `….part` and is renamed at the end. What an ended
 * connection, a signal or a crash left of it is gone on with.
 *
 * @param file.url `https:` or `http:`; redirects are followed.
 * @param file.path Where to; its folder exists.
 * @param file.sha256 What the file's SHA-256 must begin with, in small letters.
 * @param options.onProgress Told at the start, at the end, and four times a
 * second at most.
 * @param options.signal Stops it; what is there is kept.
 * @returns Resolves when the file is in its place.
 * @throws {SyntaxError} If the hash is another; the file is removed.
 * @throws {RangeError} If another process downloads the file, or `….part` is a
 * link.
 * @throws {Error} If the server refuses, sends nothing for a minute, or the
 * connection ends, with the reason; or the signal's reason.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { downloadFile } from "ldlab/train/download_file.ts";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("abc"));
 * const path = await Deno.makeTempFile();
 * const url = `http://localhost:${server.addr.port}/abc`;
 * await downloadFile({ url, path, sha256: "ba7816bf" }); // FIPS 180-2, B.1
 * assert.equal(await Deno.readTextFile(path), "abc");
 * await server.shutdown();
 * await Deno.remove(path);
 * ```
 */
export async function downloadFile(
  { url, path, sha256 }: {
    readonly url: string;
    readonly path: string;
    readonly sha256: string;
  },
  { onProgress, signal }: {
    readonly onProgress?: (progress: DownloadProgress) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<void> {
  const part = `${path}.part`;
  const file = await openPart(part, url);
  try {
    const patience = watchStalls(signal);
    try {
      const there = (await file.stat()).size;
      const body = await request(url, there, patience);
      await file.truncate(body.from);
      await file.seek(body.from, Deno.SeekMode.Start);
      await receive(body, file, { url, onProgress, patience });
      await file.sync();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error;
    } finally {
      patience.end();
    }
    const actual = await sha256OfFile(part, { signal });
    if (!actual.startsWith(sha256)) {
      await Deno.remove(part);
      throw new SyntaxError(
        `Cannot use what ${url} gave: its SHA-256 begins with ` +
          `${actual.slice(0, sha256.length)}, it must be ${sha256}. It is ` +
          `removed; try again, or look whether the file was replaced`,
      );
    }
    await Deno.rename(part, path);
  } finally {
    closeLocked(file);
  }
}

/** Ends what it waits for at a signal, or when nothing has come for long. */
interface Patience {
  /** For what takes one. */
  readonly signal: AbortSignal;
  /** What the work gives, if it comes in time. */
  until<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/**
 * Patience of {@linkcode PATIENCE} at a time: a connection may stay open for ever.
 * It is not left to `fetch`, whose signals the garbage collector may take away
 * while a body is read.
 */
function watchStalls(signal: AbortSignal | undefined): Patience {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => {}); // whoever waits is told
  const own = new AbortController();
  const stop = (reason: unknown) => {
    reject(reason);
    own.abort(reason);
  };
  const pass = () => stop(signal!.reason);
  if (signal?.aborted) pass();
  signal?.addEventListener("abort", pass);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stall = () => stop(new Error(`nothing came for ${PATIENCE / 1000} s`));
  return {
    signal: own.signal,
    until: (work) => {
      clearTimeout(timer);
      timer = setTimeout(stall, PATIENCE);
      return Promise.race([work, ended]);
    },
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", pass);
    },
  };
}

/** What is there of the file, for this process alone. */
async function openPart(part: string, url: string): Promise<Deno.FsFile> {
  const link = await Deno.lstat(part).then(
    (info) => info.isSymlink,
    () => false,
  );
  if (link) {
    throw new RangeError(
      `Cannot download ${url}: ${part} is a link. Remove it`,
    );
  }
  const file = await Deno.open(part, { create: true, read: true, write: true });
  // Who held it until now has put it in its place: it is to be left alone.
  if (await file.tryLock(true) && await isAt(part, file)) return file;
  closeLocked(file);
  throw new RangeError(
    `Cannot download ${url}: another process is at it (${part}). Wait for it`,
  );
}

/** Whether an open file is still the one of this name. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [there, own] = await Promise.all([
    Deno.lstat(path).catch(() => null),
    file.stat(),
  ]);
  return there?.ino === own.ino;
}

/** What the server sends: bytes of the file from a place on. */
interface Body {
  readonly stream: ReadableStream<Uint8Array>;
  readonly from: number;
  readonly total: number | null;
}

/** Asks for a file from a byte on; a server may send all of it instead. */
async function request(
  url: string,
  from: number,
  patience: Patience,
): Promise<Body> {
  // Packed bytes would not be the file's, nor would their number.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers.range = `bytes=${from}-`;
  const { signal } = patience;
  const answer = patience.until(fetch(url, { headers, signal }));
  const response = await answer.catch((error) => {
    throw new Error(
      `Cannot download ${url}: ${(error as Error).message}. Look at the ` +
        `connection, or fetch the file yourself`,
      { cause: error },
    );
  });
  const { status, statusText, body: stream } = response;
  // Nothing from there on: there may be too much already.
  if (status === 416 && from > 0) {
    await stream?.cancel();
    return await request(url, 0, patience);
  }
  if (!response.ok || !stream) {
    await stream?.cancel();
    throw new Error(
      `Cannot download ${url}: the server answers ${status} ${statusText}`
        .trimEnd() +
        (status === 404 ? ". Look whether the address is still right" : ""),
    );
  }
  const range = response.headers.get("content-range");
  const [, start, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range ?? "") ?? [];
  if (status === 206) {
    if (Number(start) === from) return { stream, from, total: Number(whole) };
    await stream.cancel();
    throw new Error(
      `Cannot download ${url}: asked for byte ${from} and on, the server ` +
        `sends '${range}'. Remove what is there of the file, and try again`,
    );
  }
  const length = response.headers.get("content-length");
  return { stream, from: 0, total: length === null ? null : Number(length) };
}

/** Writes what comes, and tells of it. */
async function receive(
  { stream, from, total }: Body,
  file: Deno.FsFile,
  { url, onProgress, patience }: {
    url: string;
    onProgress?: (progress: DownloadProgress) => void;
    patience: Patience;
  },
): Promise<void> {
  const began = performance.now();
  let received = from;
  let reported = -Infinity;
  const report = () => {
    const now = performance.now();
    if (now - reported < REPORT_EVERY && received !== total) return;
    reported = now;
    const pace = (received - from) / (now - began) * 1000;
    const known = total !== null && pace > 0;
    const secondsLeft = known ? (total - received) / pace : null;
    onProgress?.({ url, received, total, secondsLeft });
  };
  const ended = (why: string, cause?: unknown) =>
    new Error(
      `Cannot download ${url}: ${why} after ${received} of ` +
        `${
          total ?? "an unknown number of"
        } bytes. Try again: it goes on from ` +
        `there`,
      { cause },
    );
  report();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await patience.until(reader.read()).catch(
        (error) => {
          const { message } = error as Error;
          throw ended(`the connection ended (${message})`, error);
        },
      );
      if (done) break;
      for (let rest = value; rest.length > 0;) {
        const written = await file.write(rest).catch((error) => {
          const { message } = error as Error;
          throw ended(`the disk takes no more (${message})`, error);
        });
        rest = rest.subarray(written);
      }
      received += value.length;
      report();
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (total !== null && received !== total) throw ended("the server stopped");
}
