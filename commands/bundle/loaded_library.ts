import { type FileEntry, fileEntry } from "./entry.ts";

/** Where a 64-bit ELF file's header says what. */
const PROGRAM_HEADERS = 32;
const SECTION_HEADERS = 40;
const PROGRAM_HEADER_SIZE = 54;
const PROGRAM_HEADER_COUNT = 56;
const SECTION_HEADER_SIZE = 58;
const SECTION_HEADER_COUNT = 60;
const SECTION_NAMES = 62;
const HEADER_BYTES = 64;

/**
 * A shared library as a file of a bundle, without what is never loaded: names for
 * debuggers, which stand behind all else, and are a quarter of TensorFlow's
 * library. What `strip` would leave out.
 *
 * A file that is no 64-bit little-endian ELF library goes in as it is.
 *
 * @param source Where it lies; links are followed.
 * @param path Where it goes.
 */
export async function loadedLibraryEntry(
  source: string,
  path: string,
): Promise<FileEntry> {
  const whole = await fileEntry(source, path);
  const bytes = Math.min(await loadedBytes(source), whole.bytes);
  if (bytes === whole.bytes) return whole;
  return {
    ...whole,
    bytes,
    async *open() {
      let at = 0;
      for await (const chunk of whole.open()) {
        const kept = chunk.slice(0, bytes - at);
        if (at === 0) forgetSections(kept);
        yield kept;
        at += kept.length;
        if (at === bytes) return;
      }
    },
  };
}

/** How far into the file its loaded parts and the header reach. */
async function loadedBytes(path: string): Promise<number> {
  using file = await Deno.open(path);
  const header = await readAt(file, 0, HEADER_BYTES);
  const isElf = header !== null && header.getUint32(0) === 0x7f454c46 &&
    header.getUint8(4) === 2 && header.getUint8(5) === 1;
  if (!isElf) return Infinity;
  const start = Number(header.getBigUint64(PROGRAM_HEADERS, true));
  const size = header.getUint16(PROGRAM_HEADER_SIZE, true);
  const count = header.getUint16(PROGRAM_HEADER_COUNT, true);
  const table = await readAt(file, start, size * count);
  if (table === null) return Infinity;
  let end = start + size * count;
  for (let segment = 0; segment < count; segment++) {
    const offset = Number(table.getBigUint64(segment * size + 8, true));
    const length = Number(table.getBigUint64(segment * size + 32, true));
    end = Math.max(end, offset + length);
  }
  return end;
}

async function readAt(
  file: Deno.FsFile,
  offset: number,
  bytes: number,
): Promise<DataView | null> {
  await file.seek(offset, Deno.SeekMode.Start);
  const buffer = new Uint8Array(bytes);
  for (let at = 0; at < bytes;) {
    const read = await file.read(buffer.subarray(at));
    if (read === null) return null;
    at += read;
  }
  return new DataView(buffer.buffer);
}

/** The table of sections is behind the loaded parts too. */
function forgetSections(head: Uint8Array): void {
  const header = new DataView(head.buffer, head.byteOffset, HEADER_BYTES);
  header.setBigUint64(SECTION_HEADERS, 0n, true);
  header.setUint16(SECTION_HEADER_SIZE, 0, true);
  header.setUint16(SECTION_HEADER_COUNT, 0, true);
  header.setUint16(SECTION_NAMES, 0, true);
}
