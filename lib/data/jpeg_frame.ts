/** What a JPEG file's frame header says of its pixels. */
export interface JpegFrame {
  /** Stored pixels, before an EXIF orientation turns them. */
  readonly width: number;
  readonly height: number;
  /** Channels: 1 is grey, 3 colour, 4 CMYK. */
  readonly channels: number;
  /** Bits of a sample: 8, or rarely 12. */
  readonly bits: number;
}

/** Markers of frame headers: c0 to cf less tables (c4, cc) and a reserved one. */
const NO_FRAME = [0xc4, 0xc8, 0xcc];

/**
 * Reads the frame header of a JPEG file, without decoding.
 *
 * Use it to refuse an image before memory is taken for its pixels.
 *
 * @param bytes The file, or as much of its start as is there.
 * @returns The frame header; undefined where there is none, as in a file that is
 * cut short or is no JPEG file.
 * @see ITU-T T.81, B.2.2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readJpegFrame } from "ldlab/data/jpeg_frame.ts";
 *
 * const start = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 1, 224, 2, 128, 1];
 * assert.deepEqual(readJpegFrame(Uint8Array.from([...start, 1, 17, 0])), {
 *   width: 640,
 *   height: 480,
 *   channels: 1,
 *   bits: 8,
 * });
 * assert.equal(readJpegFrame(Uint8Array.from(start.slice(0, 9))), undefined);
 * ```
 */
export function readJpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  const word = (at: number) => bytes[at] << 8 | bytes[at + 1];
  let at = 2;
  while (at + 10 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      at++; // Stray bytes between segments do no harm.
      continue;
    }
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker)) {
      return {
        width: word(at + 7),
        height: word(at + 5),
        channels: bytes[at + 9],
        bits: bytes[at + 4],
      };
    }
    // Fill bytes (ff) and markers without a segment: 00, 01, d0 to d8.
    if (marker === 0xff) at++;
    else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xd9 || marker === 0xda) return undefined;
    else at += 2 + Math.max(word(at + 2), 2);
  }
  return undefined;
}
