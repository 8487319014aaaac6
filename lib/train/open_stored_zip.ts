import { crc32 } from "node:zlib";
import { ByteCursor } from "./byte_cursor.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const IN_EXTRA_32 = 0xffffffff;
/** The end record, without its comment. */
const END_LENGTH = 22;
/** The locator of the end record of zip64, right before the end record. */
const LOCATOR_LENGTH = 20;

/** A record of a zip file. */
interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly header: number;
}

/**
 * Opens a zip file whose records are stored as they are, as PyTorch writes
 * them; zip64 too. A record is checked against its checksum when it is taken.
 *
 * @param bytes The whole file.
 * @param source Named in errors.
 * @returns What gives a record's bytes by its name, a view; and all names.
 * @throws {SyntaxError} If the file is cut off or not a zip file, if a record is
 * compressed, encrypted, twice there or over another, or does not fit its
 * checksum.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function openStoredZip(
  bytes: Uint8Array,
  source: string,
): { readonly names: string[]; take(name: string): Uint8Array } {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read ${source} as a zip file: ${why}`);
  const entries = readDirectory(bytes, bad);
  const places = new Map<string, { from: number; entry: Entry }>();
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.header - b.header)) {
    const { name } = entry;
    if (places.has(name)) throw bad(`the record '${name}' is there twice`);
    if (entry.header < end) {
      throw bad(`the record '${name}' lies over another`);
    }
    const from = dataOf(bytes, entry, bad);
    end = from + entry.size;
    if (end > bytes.length) {
      throw bad(`the record '${name}' of ${entry.size} bytes is cut off`);
    }
    places.set(name, { from, entry });
  }
  return {
    names: entries.map(({ name }) => name),
    take(name) {
      const place = places.get(name);
      if (!place) throw bad(`the record '${name}' is missing`);
      const { from, entry } = place;
      const data = bytes.subarray(from, from + entry.size);
      if (crc32(data) !== entry.crc) {
        throw bad(`the record '${name}' is altered: its checksum is another`);
      }
      return data;
    },
  };
}

type Bad = (why: string) => Error;

function readDirectory(bytes: Uint8Array, bad: Bad): Entry[] {
  const { count, size, offset, end } = directoryPlace(bytes, bad);
  if (offset + size > end) throw bad("its directory is cut off");
  const cursor = new ByteCursor(bytes.subarray(0, offset + size), offset, bad);
  const entries: Entry[] = [];
  while (cursor.at < offset + size) entries.push(readEntry(cursor, bad));
  if (entries.length !== count) {
    throw bad(`it has ${entries.length} records, it says ${count}`);
  }
  return entries;
}

function directoryPlace(bytes: Uint8Array, bad: Bad) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const last = bytes.length - END_LENGTH;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (view.getUint16(at + 20, true) !== last - at) continue;
    const locator = at - LOCATOR_LENGTH;
    if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
      const end = Number(view.getBigUint64(locator + 8, true));
      const cursor = new ByteCursor(bytes, end, bad);
      if (cursor.uint32() !== END_64) {
        throw bad("its zip64 end record is not where it says");
      }
      cursor.take(28);
      const count = cursor.uint64();
      return { count, size: cursor.uint64(), offset: cursor.uint64(), end };
    }
    return {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: at,
    };
  }
  throw bad("its end record is missing: the file is cut off or something else");
}

function readEntry(cursor: ByteCursor, bad: Bad): Entry {
  if (cursor.uint32() !== CENTRAL) throw bad("its directory is malformed");
  cursor.take(4); // versions
  const flags = cursor.uint16();
  const method = cursor.uint16();
  cursor.take(4); // time and date
  const crc = cursor.uint32();
  let packed = cursor.uint32();
  let size = cursor.uint32();
  const lengths = {
    name: cursor.uint16(),
    extra: cursor.uint16(),
    comment: cursor.uint16(),
  };
  cursor.take(8); // disk and attributes
  let header = cursor.uint32();
  const name = cursor.text(lengths.name);
  const extra = new ByteCursor(cursor.take(lengths.extra), 0, bad);
  cursor.take(lengths.comment);
  while (extra.at < lengths.extra) {
    const kind = extra.uint16();
    const field = new ByteCursor(extra.take(extra.uint16()), 0, bad);
    if (kind !== 1) continue; // zip64: what does not fit the fields above
    if (size === IN_EXTRA_32) size = field.uint64();
    if (packed === IN_EXTRA_32) packed = field.uint64();
    if (header === IN_EXTRA_32) header = field.uint64();
  }
  if (flags & 1) throw bad(`the record '${name}' is encrypted`);
  if (method !== 0) {
    throw bad(
      `the record '${name}' is compressed (method ${method}), PyTorch stores ` +
        `records as they are`,
    );
  }
  if (packed !== size) {
    throw bad(`the record '${name}' has the sizes ${packed} and ${size}`);
  }
  return { name, crc, size, header };
}

/** Where a record's bytes begin. */
function dataOf(bytes: Uint8Array, entry: Entry, bad: Bad): number {
  const cursor = new ByteCursor(bytes, entry.header, bad);
  if (cursor.uint32() !== LOCAL) {
    throw bad(`the record '${entry.name}' is not where the directory says`);
  }
  cursor.take(22);
  const [name, extra] = [cursor.uint16(), cursor.uint16()];
  if (cursor.text(name) !== entry.name) {
    throw bad(`the record '${entry.name}' has another name of its own`);
  }
  cursor.take(extra);
  return cursor.at;
}
