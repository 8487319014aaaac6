import assert from "node:assert/strict";
import { readJpegFrame } from "ldlab/data/jpeg_frame.ts";

const START = [0xff, 0xd8];
const JFIF = [0xff, 0xe0, 0, 7, 0x4a, 0xff, 0xc0, 0x49, 0x46];
const TABLES = [0xff, 0xc4, 0, 4, 0xff, 0xc0];
/** 640 x 480, three channels of 8 bits, progressive. */
const FRAME = [0xff, 0xc2, 0, 17, 8, 1, 224, 2, 128, 3, 1, 17, 0];
const expected = { width: 640, height: 480, channels: 3, bits: 8 };

const read = (...parts: number[][]) =>
  readJpegFrame(Uint8Array.from(parts.flat()));

Deno.test("readJpegFrame() skips segments, whatever is in them, and stray bytes", () => {
  assert.deepEqual(read(START, FRAME), expected);
  assert.deepEqual(read(START, JFIF, TABLES, FRAME), expected);
  assert.deepEqual(read(START, JFIF, [1, 2, 0xff, 0xff], FRAME), expected);
  assert.deepEqual(read(START, [0xff, 0x01, 0xff, 0xd0], FRAME), expected);
});

Deno.test("readJpegFrame() reads the frame of a BCCD image", async () => {
  const file = new URL(
    "../../data/bccd/JPEGImages/BloodImage_00000.jpg",
    import.meta.url,
  );
  assert.deepEqual(readJpegFrame(await Deno.readFile(file)), expected);
});

Deno.test("readJpegFrame() finds none when the file has none before its scan, or ends", () => {
  const scan = [0xff, 0xda, 0, 2];
  assert.equal(read(START, JFIF, scan, FRAME), undefined);
  assert.equal(read(START, [0xff, 0xd9], FRAME), undefined);
  assert.equal(read(START, JFIF, FRAME.slice(0, 9)), undefined);
  assert.equal(read(START, [0xff, 0xe1, 0xff, 0xff], FRAME), undefined);
  // A segment that says it is shorter than its own length does not hang.
  assert.deepEqual(read(START, [0xff, 0xe1, 0, 0], FRAME), expected);
  assert.equal(read([]), undefined);
});
