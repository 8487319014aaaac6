import type { RgbImage } from "./image.ts";
import { readJpegCoefficients } from "./jpeg_coefficients.ts";
import { readJpegOrientation } from "./jpeg_orientation.ts";
import { jpegSamples } from "./jpeg_transform.ts";
import { upsampleJpeg } from "./jpeg_upsample.ts";
import { turnImage } from "./turn_image.ts";

/**
 * Decodes a JPEG image of four channels, for print, to RGB as OpenCV does.
 *
 * Use it through `decodeJpeg`, whose codec gives RGB of one and three channels
 * only. Samples are taken for Adobe's: inverted, 255 is no ink. Without a colour
 * profile that gives
 *
 *     R = K − ⌊(255 − C) K / 256⌋, and G of M, B of Y alike
 *
 * YCCK (Adobe's transform 2) is turned into CMYK before, as libjpeg does. It
 * takes 19 bytes of memory a pixel.
 *
 * @param bytes The whole file, of 8 bits a channel.
 * @returns The image, turned as its EXIF orientation says.
 * @throws {SyntaxError} If the file is cut short or damaged, or its coding is
 * neither baseline nor progressive.
 * @see OpenCV 5.0.0, `grfmt_jpeg.cpp` and `icvCvt_CMYK2BGR_8u_C4C3R`; Adobe
 * Technical Note 5116, section 18; libjpeg's `jdcolor.c`, `ycck_cmyk_convert`.
 */
export function decodeCmykJpeg(bytes: Uint8Array): RgbImage {
  const { width, height, channels, adobe } = readJpegCoefficients(bytes);
  const across = Math.max(...channels.map((channel) => channel.across));
  const down = Math.max(...channels.map((channel) => channel.down));
  const [c, m, y, k] = channels.map((channel) => {
    const samples = {
      data: jpegSamples(channel),
      stride: channel.columns * 8,
      width: Math.ceil(width * channel.across / across),
      height: Math.ceil(height * channel.down / down),
    };
    return upsampleJpeg(
      samples,
      across / channel.across,
      down / channel.down,
      width,
      height,
    );
  });
  if (adobe !== undefined && adobe !== 0) fromYcc(c, m, y);
  const data = new Uint8Array(width * height * 3);
  for (let at = 0, to = 0; at < k.length; at++, to += 3) {
    data[to] = k[at] - ((255 - c[at]) * k[at] >> 8);
    data[to + 1] = k[at] - ((255 - m[at]) * k[at] >> 8);
    data[to + 2] = k[at] - ((255 - y[at]) * k[at] >> 8);
  }
  return turnImage({ width, height, data }, readJpegOrientation(bytes));
}

/** Turns Y, Cb and Cr into C, M and Y, in place, in libjpeg's fixed point. */
function fromYcc(
  first: Uint8ClampedArray,
  second: Uint8ClampedArray,
  third: Uint8ClampedArray,
): void {
  const half = 2 ** 15;
  for (let at = 0; at < first.length; at++) {
    const light = first[at];
    const cb = second[at] - 128;
    const cr = third[at] - 128;
    first[at] = 255 - light - (91881 * cr + half >> 16);
    second[at] = 255 - light - (-22554 * cb - 46802 * cr + half >> 16);
    third[at] = 255 - light - (116130 * cb + half >> 16);
  }
}
