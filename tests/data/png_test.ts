import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { decodePng, isPng } from "ldlab/data/png.ts";
import { goldenCases } from "../golden.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function chunk(kind: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(kind, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(
    crc32(bytes.subarray(4, 8 + data.length)),
    8 + data.length,
  );
  return bytes;
}

/** A PNG file of a header (bits, colour type and so on) and inflated data. */
function png(
  width: number,
  height: number,
  rest: number[],
  data: number[],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(rest, 8);
  return Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Uint8Array.from(data))),
    chunk("IEND", new Uint8Array()),
  ]);
}

const GREY_8 = [8, 0, 0, 0, 0];

Deno.test("decodePng() gives OpenCV's pixels of every colour type and depth", async () => {
  for (const { name, inputs, outputs } of await goldenCases("png")) {
    const bytes = Buffer.from(inputs.file, "base64");
    assert.ok(isPng(bytes));
    const image = decodePng(bytes);
    const { shape, data } = outputs.image;
    assert.deepEqual([image.height, image.width, 3], shape, name);
    assert.deepEqual([...image.data], data, name);
  }
});

Deno.test("decodePng() fails when the file is cut short anywhere", async () => {
  const [{ inputs }] = await goldenCases("png");
  const bytes = Buffer.from(inputs.file, "base64");
  for (let length = 8; length < bytes.length; length++) {
    assert.throws(() => decodePng(bytes.subarray(0, length), "a.png"), {
      name: "SyntaxError",
      message: new RegExp(
        `^Cannot read image a\\.png: it is cut short after ${length} bytes\\. Copy`,
      ),
    });
  }
});

Deno.test("decodePng() fails when any byte is damaged", async () => {
  const [{ inputs }] = await goldenCases("png");
  const whole = Buffer.from(inputs.file, "base64");
  for (let at = 0; at < whole.length; at++) {
    const bytes = Uint8Array.from(whole);
    bytes[at] ^= 0x41;
    assert.throws(() => decodePng(bytes, "a.png"), SyntaxError, `byte ${at}`);
  }
});

Deno.test("decodePng() fails before inflating when the image is too large", () => {
  const wide = png(1_000_000, 480, GREY_8, [0, 7]);
  assert.throws(() => decodePng(wide, "wide.png"), {
    name: "RangeError",
    message:
      /wide\.png: it must have at most 67108864 pixels: current size is 1000000x480/,
  });
});

Deno.test("decodePng() fails when sound parts do not make an image", () => {
  const palette = [8, 3, 0, 0, 0];
  for (
    const [bytes, message] of [
      [png(2, 1, GREY_8, [0, 7]), /it has 2 bytes of pixels, not 3/],
      [png(2, 1, GREY_8, [0, 7, 7, 7]), /it has more than 3 bytes of pixels/],
      [png(2, 1, GREY_8, [5, 7, 7]), /a row has filter 5/],
      [png(0, 1, GREY_8, []), /its size is 0x1/],
      [
        png(2, 1, [4, 2, 0, 0, 0], []),
        /header is damaged: colour type 2, 4 bits/,
      ],
      [png(2, 1, [8, 5, 0, 0, 0], []), /header is damaged: colour type 5/],
      [png(2, 1, palette, [0, 1, 1]), /it has no palette/],
      [
        Buffer.from([...SIGNATURE, ...chunk("IEND", new Uint8Array())]),
        /does not begin with a header/,
      ],
      [Buffer.from("GIF89a"), /it is not a PNG file/],
    ] as const
  ) {
    assert.throws(() => decodePng(bytes, "a.png"), {
      name: "SyntaxError",
      message,
    });
  }
});
