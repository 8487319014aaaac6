import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { decodeJpeg } from "ldlab/data/jpeg.ts";
import { assertClose, goldenCases } from "../golden.ts";

const images = new URL("../../data/bccd/JPEGImages/", import.meta.url);
const bloodImage = () => Deno.readFile(new URL("BloodImage_00000.jpg", images));

// SHA-256 of np.asarray(Image.open(file).convert("RGB")).tobytes() by Pillow
// 13.0.0 with libjpeg-turbo 3.2.0: all 921,600 values equal, not only close.
const PILLOW = {
  BloodImage_00000:
    "37b086db80530a1dbeeebede39b3089eec02ba90c6b5117f1158c1df3f398d86",
  BloodImage_00338:
    "4748a6e66ba38ba92de1626d5ad332c502c9eefbb77e93d3e4545cab8268bcd9",
  BloodImage_00410:
    "92010860df9ff39af9351f65a60bd95a85c89f0396c47c7b8c59c09a4702f58e",
};

// 16x16 images written by Pillow: one of grey, one progressive.
const GREY = base64(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABQT/xAAXEAADAQAAAAAAAAAAAAAAAAAAAwQx/9oACAEBAAA/ACJlYKzKwlmVgtMrD//Z",
);
const PROGRESSIVE = base64(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wgALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABAP/2gAIAQEAAAABGuS//8QAFhAAAwAAAAAAAAAAAAAAAAAAAAEC/9oACAEBAAEFApRKJRKP/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwIf/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPyEAH//aAAgBAQAAABCP/8QAFRABAQAAAAAAAAAAAAAAAAAAADH/2gAIAQEAAT8Qmmmm/9k=",
);

function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** The grey image, its frame header changed: it starts with the bytes ff c0. */
function withFrame(change: (frame: Uint8Array) => void): Uint8Array {
  const bytes = GREY.slice();
  const at = bytes.findIndex((byte, i) => byte === 255 && bytes[i + 1] === 192);
  change(bytes.subarray(at));
  return bytes;
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

Deno.test("decodeJpeg() gives Pillow's pixels when images are of BCCD", async () => {
  for (const [name, expected] of Object.entries(PILLOW)) {
    const image = await decodeJpeg(
      await Deno.readFile(new URL(`${name}.jpg`, images)),
    );
    assert.deepEqual([image.width, image.height], [640, 480]);
    assert.equal(sha256(image.data), expected, name);
  }
});

Deno.test("decodeJpeg() gives three equal channels when the image is grey", async () => {
  for (const bytes of [GREY, PROGRESSIVE]) {
    const { width, height, data } = await decodeJpeg(bytes);
    assert.deepEqual([width, height], [16, 16]);
    // Row 5, column 3 and row 15, column 12, read by Pillow 13.0.0.
    assert.deepEqual([...data.slice(3 * 83, 3 * 84)], [57, 57, 57]);
    assert.deepEqual([...data.slice(3 * 252, 3 * 253)], [182, 182, 182]);
  }
});

Deno.test("decodeJpeg() reads a part of a larger buffer", async () => {
  const larger = new Uint8Array(GREY.length + 20).fill(7);
  larger.set(GREY, 10);
  const part = larger.subarray(10, 10 + GREY.length);
  assert.deepEqual(await decodeJpeg(part), await decodeJpeg(GREY));
});

Deno.test("decodeJpeg() fails when the file is cut short anywhere", async () => {
  const bytes = await bloodImage();
  for (const length of [bytes.length - 1, bytes.length >> 1, 700, 100, 5]) {
    await assert.rejects(
      decodeJpeg(bytes.subarray(0, length), "cells/a.jpg"),
      (error: Error) => {
        assert.ok(error instanceof SyntaxError);
        assert.match(error.message, /^Cannot read image cells\/a\.jpg: /);
        assert.match(error.message, /cut short|no image/);
        assert.match(error.message, /Copy the file again/);
        return true;
      },
      `${length} bytes`,
    );
  }
});

Deno.test("decodeJpeg() fails when the bytes are no JPEG file or none at all", async () => {
  const page = new TextEncoder().encode("<!doctype html><p>Not found");
  await assert.rejects(decodeJpeg(page, "a.jpg"), {
    name: "SyntaxError",
    message: /a\.jpg: it is not a JPEG file \(it must start with/,
  });
  await assert.rejects(decodeJpeg(new Uint8Array(), "a.jpg"), {
    name: "SyntaxError",
    message: /a\.jpg: the file is empty/,
  });
});

Deno.test("decodeJpeg() fails when the data inside are damaged", async () => {
  const bytes = await bloodImage();
  bytes.fill(0, 12_000, 12_400);
  await assert.rejects(decodeJpeg(bytes, "a.jpg"), {
    name: "SyntaxError",
    message: /a\.jpg: Corrupt JPEG data/,
  });
});

Deno.test("decodeJpeg() gives OpenCV's pixels when EXIF turns the image, and of grey ones", async () => {
  for (const { name, inputs, outputs } of await goldenCases("jpeg")) {
    const image = await decodeJpeg(base64(inputs.file));
    const { shape, data } = outputs.image;
    assert.deepEqual([image.height, image.width, 3], shape, name);
    assertClose(image.data, data, { absolute: 1 }, name);
  }
});

Deno.test("decodeJpeg() fails when a channel has 12 bits", async () => {
  const deep = withFrame((frame) => frame[4] = 12);
  await assert.rejects(decodeJpeg(deep, "scan.jpg"), {
    name: "SyntaxError",
    message: /scan\.jpg: it has 12 bits a channel, not 8\. Convert it/,
  });
});

Deno.test("decodeJpeg() fails before decoding when the image is too large", async () => {
  // 65,535 x 65,535, the most a JPEG file can say, and one row over 2^26 pixels.
  for (
    const [size, text] of [
      [[255, 255, 255, 255], "65535x65535"],
      [[0x20, 0x01, 0x20, 0x00], "8192x8193"],
    ] as const
  ) {
    const large = withFrame((frame) => frame.set(size, 5));
    await assert.rejects(decodeJpeg(large, "wide.jpg"), {
      name: "RangeError",
      message: `Cannot read image wide.jpg: it must have at most 67108864 ` +
        `pixels: current size is ${text}. Cut it into parts, or take its ` +
        "record out of the split",
    });
  }
});

Deno.test("decodeJpeg() names the format when the file is no JPEG file", async () => {
  const files = {
    PNG: "\x89PNG\r\n\x1a\n",
    GIF: "GIF89a",
    BMP: "BM\x46\0",
    TIFF: "II\x2a\0",
    WebP: "RIFF",
  };
  for (const [format, start] of Object.entries(files)) {
    const bytes = Uint8Array.from(start, (letter) => letter.charCodeAt(0));
    await assert.rejects(decodeJpeg(bytes, "a.jpg"), {
      name: "SyntaxError",
      message: new RegExp(
        `a\\.jpg: it is a ${format} file, not JPEG\\. Convert it`,
      ),
    });
  }
});

Deno.test("decodeJpeg() accepts stray bytes before a marker, as every viewer does", async () => {
  const end = GREY.length - 2;
  const stray = new Uint8Array([...GREY.slice(0, end), 1, 2, 3, 0xff, 0xd9]);
  assert.deepEqual(await decodeJpeg(stray), await decodeJpeg(GREY));
});

Deno.test("decodeJpeg() blames the right image when good and bad ones are decoded at once", async () => {
  const bytes = await bloodImage();
  const results = await Promise.allSettled([
    decodeJpeg(bytes.subarray(0, 9000)),
    decodeJpeg(bytes),
    decodeJpeg(new Uint8Array([0xff, 0xd8, 0xff, 0xd9])),
    decodeJpeg(bytes),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["rejected", "fulfilled", "rejected", "fulfilled"],
  );
});
