import { crc32 } from "node:zlib";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** What says that the number is to be found elsewhere, in zip64's records. */
const MOST_RECORDS = 0xffff;
const MOST_BYTES = 0xffffffff;

/**
 * A zip file with records as they are, each beginning at a multiple of 64
 * bytes, as PyTorch lays them out so that it can map them into memory.
 *
 * @param records Bytes by name.
 * @returns The bytes of the file.
 * @throws {RangeError} If there are 65,535 records, or the file would have
 * 4 GiB.
 */
export function writeStoredZip(
  records: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of records) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(data);
    // An extra field of kind "FB" pads, as PyTorch's does.
    const unpadded = at + 30 + encoded.length + 4;
    const padding = (64 - unpadded % 64) % 64;
    const shared = [
      ...[...u16(0), ...u16(0x800), ...u16(0), ...u16(0), ...u16(0x21)],
      ...[...u32(crc), ...u32(data.length), ...u32(data.length)],
      ...u16(encoded.length),
    ];
    const local = Uint8Array.from([
      ...[...u32(LOCAL), ...shared, ...u16(4 + padding), ...encoded],
      ...[...u16(0x4246), ...u16(padding), ...new Uint8Array(padding)],
    ]);
    directory.push(Uint8Array.from([
      ...[...u32(CENTRAL), ...u16(0), ...shared, ...u16(0), ...u16(0)],
      ...[...u16(0), ...u16(0), ...u32(0), ...u32(at), ...encoded],
    ]));
    parts.push(local, data);
    at += local.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  if (records.size >= MOST_RECORDS || at + size >= MOST_BYTES) {
    throw new RangeError(
      `Cannot write a zip file of ${records.size} records and ${at + size} ` +
        `bytes: both must be below ${MOST_RECORDS} and ${MOST_BYTES}`,
    );
  }
  const end = Uint8Array.from([
    ...[...u32(END), ...u32(0), ...u16(records.size), ...u16(records.size)],
    ...[...u32(size), ...u32(at), ...u16(0)],
  ]);
  return joined([...parts, ...directory, end]);
}

function u16(value: number): number[] {
  return [value & 255, value >> 8];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
