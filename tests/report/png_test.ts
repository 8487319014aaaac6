import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { dataUri, encodePng, withResolution } from "ldlab/report/png.ts";

Deno.test("encodePng() writes chunks with the right sizes and sums", () => {
  const hex = encodePng(new Uint8Array([255, 0, 0]), { width: 1, height: 1 })
    .toHex();
  // Signature, then IHDR of a 1 x 1 RGB image with its CRC 907753de, and IEND
  // with ae426082: the bytes that any such file has.
  assert.ok(hex.startsWith(
    "89504e470d0a1a0a0000000d494844520000000100000001080200000090" + "7753de",
  ));
  assert.ok(hex.endsWith("0000000049454e44ae426082"));
});

Deno.test("encodePng() keeps every pixel", () => {
  const pixels = Uint8Array.from({ length: 5 * 3 * 3 }, (_v, i) => i * 7 % 256);
  const png = encodePng(pixels, { width: 5, height: 3 });
  const length = new DataView(png.buffer).getUint32(33);
  const rows = new Uint8Array(inflateSync(png.subarray(41, 41 + length)));
  const expected = [0, 1, 2].flatMap((row) => [
    0, // filter
    ...pixels.subarray(row * 15, row * 15 + 15),
  ]);
  assert.deepEqual([...rows], expected);
});

Deno.test("encodePng() refuses pixels that do not fit the size", () => {
  assert.throws(() => encodePng(new Uint8Array(4), { width: 1, height: 1 }), {
    name: "TypeError",
    message: /1 x 1 x 3 bytes: current number is 4/,
  });
});

Deno.test("withResolution() says pixels to the metre between header and pixels", () => {
  const png = encodePng(new Uint8Array(3), { width: 1, height: 1 });
  const said = withResolution(png, 600);
  // 600 / 0.0254 = 23622, 0x5c46; the CRC is that of Python's zlib.crc32.
  const chunk = "00000009" + "70485973" + "00005c46" + "00005c46" + "01" +
    "14944341";
  assert.equal(
    said.toHex(),
    png.subarray(0, 33).toHex() + chunk + png.subarray(33).toHex(),
  );
  assert.throws(() => withResolution(png, 0), {
    name: "RangeError",
    message: /dpi must be above 0: current value is 0/,
  });
});

Deno.test("dataUri() can be fetched back", async () => {
  const bytes = Uint8Array.from({ length: 300 }, (_v, i) => i % 256);
  const response = await fetch(dataUri(bytes, "image/jpeg"));
  assert.equal(response.headers.get("content-type"), "image/jpeg");
  assert.deepEqual(await response.bytes(), bytes);
});
