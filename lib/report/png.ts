import { crc32, deflateSync } from "node:zlib";

/**
 * Pixels as a PNG file.
 *
 * Use it to show an image that exists only as an array, such as a synthetic
 * scene, in a figure (see {@link dataUri}).
 *
 * @param pixels red, green, blue of each pixel, 0 to 255, row by row:
 * `height * width * 3` bytes
 * @param size width and height in pixels
 * @returns the bytes of an RGB PNG, without loss
 * @throws {TypeError} when the number of bytes does not fit the size
 *
 * Source: W3C, "Portable Network Graphics (PNG) Specification", colour type 2,
 * filter 0.
 *
 * @example
 * ```ts
 * import { encodePng } from "ldlab/report/png.ts";
 * import assert from "node:assert/strict";
 *
 * const png = encodePng(new Uint8Array([255, 0, 0, 0, 0, 255]), { width: 2, height: 1 });
 * assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((sign) => sign.charCodeAt(0)));
 * ```
 */
export function encodePng(
  pixels: Uint8Array | Uint8ClampedArray,
  { width, height }: { width: number; height: number },
): Uint8Array {
  if (pixels.length !== width * height * 3) {
    throw new TypeError(
      `Cannot encode a PNG: there must be ${height} x ${width} x 3 bytes: current number is ${pixels.length}`,
    );
  }
  // Each row is preceded by its filter: 0, none.
  const stride = width * 3;
  const rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * stride, (y + 1) * stride);
    rows.set(row, y * (stride + 1) + 1);
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits a channel
  header.setUint8(9, 2); // RGB
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ];
  const bytes = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * A PNG file that says how large it is on paper.
 *
 * Use it for pictures of journals: LaTeX and others then set them at their own
 * size, where no other is asked for.
 *
 * @param png the bytes of a PNG file that does not say so yet
 * @param dpi pixels to the inch, above 0
 * @returns the same picture
 * @throws {RangeError} when the resolution is not above 0
 *
 * Source: W3C, "Portable Network Graphics (PNG) Specification", chunk pHYs.
 *
 * @example
 * ```ts
 * import { encodePng, withResolution } from "ldlab/report/png.ts";
 * import assert from "node:assert/strict";
 *
 * const png = encodePng(new Uint8Array(3), { width: 1, height: 1 });
 * assert.equal(withResolution(png, 300).length, png.length + 21);
 * ```
 */
export function withResolution(png: Uint8Array, dpi: number): Uint8Array {
  if (!(dpi > 0 && dpi < Infinity)) {
    throw new RangeError(
      `Cannot set a picture's resolution: dpi must be above 0: current value is ${dpi}`,
    );
  }
  const perMetre = Math.round(dpi / 0.0254);
  const content = new DataView(new ArrayBuffer(9));
  content.setUint32(0, perMetre);
  content.setUint32(4, perMetre);
  content.setUint8(8, 1); // the unit is the metre
  const said = chunk("pHYs", new Uint8Array(content.buffer));
  // After the signature, 8 bytes, and the header, 25.
  const bytes = new Uint8Array(png.length + said.length);
  bytes.set(png.subarray(0, 33));
  bytes.set(said, 33);
  bytes.set(png.subarray(33), 33 + said.length);
  return bytes;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, -4)));
  return bytes;
}

/**
 * A file as a `data:` address, so that it travels inside a figure or a page.
 *
 * Use it for the image under a figure: the bytes of a JPEG file as they are,
 * or those of {@link encodePng}.
 *
 * @param bytes the content of the file
 * @param type its media type, e.g. `image/jpeg`
 * @returns the address
 *
 * @example
 * ```ts
 * import { dataUri } from "ldlab/report/png.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(dataUri(new Uint8Array([1, 2]), "image/png"), "data:image/png;base64,AQI=");
 * ```
 */
export function dataUri(bytes: Uint8Array, type: string): string {
  return `data:${type};base64,${bytes.toBase64()}`;
}
