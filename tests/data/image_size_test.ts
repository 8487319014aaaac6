import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { readImageSize } from "ldlab/data/image_size.ts";
import { goldenCases } from "../golden.ts";

async function sizeOf(bytes: Uint8Array) {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await Deno.writeFile(path, bytes);
    return await readImageSize(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readImageSize() gives the size of the pixels OpenCV reads, turned as EXIF says", async () => {
  for (const kind of ["png", "jpeg"]) {
    for (const { name, inputs, outputs } of await goldenCases(kind)) {
      const [height, width] = outputs.image.shape;
      const bytes = Buffer.from(inputs.file, "base64");
      assert.deepEqual(await sizeOf(bytes), { width, height }, name);
    }
  }
});

Deno.test("readImageSize() reads on where a JPEG file's header stands far behind", async () => {
  const bytes = await Deno.readFile(fileURLToPath(
    new URL("../../data/bccd/JPEGImages/BloodImage_00000.jpg", import.meta.url),
  ));
  const comment = new Uint8Array(2 + 65535); // the longest segment
  comment.set([0xff, 0xfe, 0xff, 0xff]);
  const far = Buffer.concat([
    bytes.subarray(0, 2),
    comment,
    comment,
    bytes.subarray(2),
  ]);
  assert.deepEqual(await sizeOf(far), { width: 640, height: 480 });
  await assert.rejects(sizeOf(far.subarray(0, 100_000)), {
    name: "SyntaxError",
    message: /its JPEG header is cut short\. Copy the file again/,
  });
});

Deno.test("readImageSize() fails when the file is missing or no PNG or JPEG", async () => {
  await assert.rejects(readImageSize("none/a.png"), {
    name: "NotFound",
    message: /size of image none\/a\.png: the file is missing\. Add it/,
  });
  const text = new TextEncoder();
  const cases: [Uint8Array, RegExp][] = [
    [
      text.encode("II*\0 and more"),
      /: it is a TIFF file, not PNG or JPEG\. Co/,
    ],
    [text.encode("BM"), /: it is a BMP file/],
    [
      new Uint8Array(),
      /: it is not a PNG or JPEG file\. Convert it to PNG, or/,
    ],
    [
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0),
      /its PNG header is damaged/,
    ],
  ];
  for (const [bytes, message] of cases) {
    await assert.rejects(sizeOf(bytes), { name: "SyntaxError", message });
  }
});
