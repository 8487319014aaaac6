import decode, { init } from "@jsquash/jpeg/decode.js";
import { decodeCmykJpeg } from "./cmyk_jpeg.ts";
import { foreignFormat } from "./foreign_format.ts";
import { checkPixelCount, type RgbImage } from "./image.ts";
import { readJpegFrame } from "./jpeg_frame.ts";
import { isPng } from "./png.ts";

const WASM = "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";

/** What the codec has said since the start of the current image. */
const messages: string[] = [];
let codec: Promise<void> | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Decodes a JPEG image to RGB with mozjpeg (libjpeg-turbo's accurate integer
 * transform and smooth chroma upsampling), compiled to WebAssembly.
 *
 * Use it for images of a dataset: the pixels are the same on every machine, and
 * those of Pillow and OpenCV to within one grey level. An EXIF orientation is
 * applied, so the image may be as wide as the stored one is high; the reference
 * reads images so, and boxes refer to the image that is seen. Grey images get
 * three equal channels; those of CMYK, for print, which the codec does not read,
 * become RGB as OpenCV has it.
 *
 * @param bytes The whole file; baseline or progressive, grey, colour or CMYK, at
 * most 2^26 pixels.
 * @param source Named in errors, for example the file's path.
 * @returns The image.
 * @throws {SyntaxError} If the bytes are not a JPEG image, are cut short or
 * damaged, or have other than 8 bits a channel. (libjpeg itself fills what is missing with grey and only
 * warns.) Stray bytes between segments do no harm and are accepted.
 * @throws {RangeError} If the image has more pixels; nothing is decoded then.
 * @see MMDetection 3.3.0 `LoadImageFromFile`, which is OpenCV's `imdecode` with
 * `IMREAD_COLOR`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeJpeg } from "ldlab/data/jpeg.ts";
 *
 * const file = "data/bccd/JPEGImages/BloodImage_00000.jpg";
 * const image = await decodeJpeg(await Deno.readFile(file), file);
 * assert.deepEqual([image.width, image.height], [640, 480]);
 * await assert.rejects(decodeJpeg(new Uint8Array([1, 2, 3])), SyntaxError);
 * ```
 */
export function decodeJpeg(
  bytes: Uint8Array,
  source = "JPEG bytes",
): Promise<RgbImage> {
  const image = queue.then(() => decodeNext(bytes, source));
  queue = image.catch(() => {});
  return image;
}

/** One image at a time: the codec's messages belong to the current one. */
async function decodeNext(
  bytes: Uint8Array,
  source: string,
): Promise<RgbImage> {
  const bad = (why: string, remedy = "Copy the file again") =>
    new SyntaxError(
      `Cannot read image ${source}: ${why}. ${remedy}, or take its record out of the split`,
    );
  const convert = "Convert it to a JPEG file of RGB colours and 8 bits";
  const other = isPng(bytes) ? "PNG" : foreignFormat(bytes);
  if (other) throw bad(`it is a ${other} file, not JPEG`, convert);
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) {
    throw bad(
      bytes.length === 0
        ? "the file is empty"
        : "it is not a JPEG file (it must start with the bytes ff d8)",
    );
  }
  const frame = readJpegFrame(bytes);
  if (frame) checkPixelCount(source, frame.width, frame.height);
  if (frame && frame.bits !== 8) {
    throw bad(`it has ${frame.bits} bits a channel, not 8`, convert);
  }
  if (frame?.channels === 4) {
    try {
      return decodeCmykJpeg(bytes);
    } catch (error) {
      throw bad((error as Error).message);
    }
  }
  codec ??= openCodec();
  await codec;
  messages.length = 0;
  let decoded: ImageData;
  try {
    // The codec takes a view for an array of numbers; a copy of exactly the
    // file's bytes is safe where `bytes` is a part of a larger buffer.
    decoded = await decode(bytes.slice().buffer, {
      preserveOrientation: true,
    });
  } catch (error) {
    codec = undefined; // The program exited: the next image gets a new one.
    throw bad(messages.at(-1) ?? String((error as Error).message ?? error));
  }
  const damage = messages.find((message) =>
    /premature end|corrupt jpeg data|bad progression/i.test(message) &&
    !/extraneous bytes/i.test(message)
  );
  if (damage !== undefined) {
    throw bad(
      /premature end of (jpeg|input) file/i.test(damage)
        ? `it is cut short after ${bytes.length} bytes`
        : damage,
    );
  }
  return withoutAlpha(decoded);
}

async function openCodec(): Promise<void> {
  const options = {
    noInitialRun: true,
    wasmBinary: await Deno.readFile(new URL(import.meta.resolve(WASM))),
    print: (text: string) => messages.push(text),
    printErr: (text: string) => messages.push(text),
  };
  await init(options);
}

function withoutAlpha({ width, height, data: rgba }: ImageData): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from];
    data[to + 1] = rgba[from + 1];
    data[to + 2] = rgba[from + 2];
  }
  return { width, height, data };
}
