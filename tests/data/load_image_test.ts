import assert from "node:assert/strict";
import { loadImage } from "ldlab/data/load_image.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { drawScene } from "ldlab/data/scene_drawing.ts";
import { encodePng } from "ldlab/report/png.ts";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { assertClose, goldenCases } from "../golden.ts";

const path = fileURLToPath(
  new URL("../../data/bccd/JPEGImages/BloodImage_00000.jpg", import.meta.url),
);
const record = {
  id: "BloodImage_00000",
  path,
  annotation: "Annotations/BloodImage_00000.xml",
  width: 640,
  height: 480,
  boxes: new Float32Array(),
  labels: new Int32Array(),
  difficult: new Uint8Array(),
};

Deno.test("loadImage() reads a file and draws a scene", async () => {
  assert.equal((await loadImage(record)).data.length, 480 * 640 * 3);
  const scene = makeScenes({ seed: 1, count: 1 }).images[0];
  assert.deepEqual(await loadImage(scene), drawScene(scene.scene));
});

Deno.test("loadImage() fails when the file is missing", async () => {
  await assert.rejects(loadImage({ ...record, path: "none/a.jpg" }), {
    name: "NotFound",
    message:
      "Cannot read image of BloodImage_00000: none/a.jpg is missing. Add the file, or take BloodImage_00000 out of the split",
  });
});

Deno.test("loadImage() fails when the annotation has another size", async () => {
  await assert.rejects(loadImage({ ...record, width: 480, height: 640 }), {
    name: "RangeError",
    message:
      /the size of its annotation Annotations\/BloodImage_00000\.xml, 480x640: current size is 640x480\. Correct/,
  });
});

Deno.test("loadImage() holds the annotation to the image as EXIF turns it", async () => {
  const [turned] = await goldenCases(
    "jpeg",
    ({ name }) => name === "orientation 6, big end first",
  );
  const [height, width] = turned.outputs.image.shape;
  const path = await Deno.makeTempFile({ suffix: ".jpg" });
  try {
    await Deno.writeFile(path, Buffer.from(turned.inputs.file, "base64"));
    const image = await loadImage({ ...record, path, width, height });
    assert.deepEqual([image.width, image.height], [width, height]);
    const stored = { ...record, path, width: height, height: width };
    await assert.rejects(loadImage(stored), {
      name: "RangeError",
      message: new RegExp(
        `${height}x${width}: current size is ${width}x${height}`,
      ),
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("loadImage() reads PNG files of every kind and grey and CMYK JPEG files, whatever their names", async () => {
  const kinds = ["palette, 4 bits", "grey, 16 bits", "RGB, 16 bits"];
  const cases = [
    ...await goldenCases("png", ({ name }) => kinds.includes(name)),
    ...await goldenCases("jpeg", ({ name }) => name === "grey"),
  ];
  cases.push(
    ...await goldenCases("jpeg_cmyk", ({ name }) => name === "orientation 6"),
  );
  assert.equal(cases.length, 5);
  for (const { name, inputs, outputs } of cases) {
    const { shape: [height, width], data } = outputs.image;
    await withFile(Buffer.from(inputs.file, "base64"), async (path) => {
      const image = await loadImage({ ...record, path, width, height });
      assertClose(
        image.data,
        data,
        { absolute: name === "grey" ? 1 : 0 },
        name,
      );
    });
  }
});

/** A JPEG file of a grey frame header of this size, and no more. */
const jpegOf = (width: number, height: number) =>
  // deno-fmt-ignore
  Uint8Array.of(
    0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8,
    width & 255, 1, 1, 17, 0, 0xff, 0xd9,
  );

/** A PNG file of one pixel whose header says another size, with its checksum. */
function pngOf(width: number, height: number): Uint8Array {
  const bytes = encodePng(new Uint8Array(3), { width: 1, height: 1 });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

Deno.test("loadImage() refuses a tiny file that claims a huge image, and takes no memory for it", async () => {
  const cases: [Uint8Array, number, number][] = [
    [pngOf(60_000, 60_000), 60_000, 60_000],
    [pngOf(1_000_000, 100), 1_000_000, 100],
    [pngOf(2 ** 31 - 1, 2 ** 31 - 1), 2 ** 31 - 1, 2 ** 31 - 1],
    [jpegOf(60_000, 60_000), 60_000, 60_000],
    [jpegOf(65_535, 65_535), 65_535, 65_535],
  ];
  for (const [bytes, width, height] of cases) {
    await withFile(bytes, async (path) => {
      const before = Deno.memoryUsage().rss;
      await assert.rejects(loadImage({ ...record, path, width, height }), {
        name: "RangeError",
        message: new RegExp(
          `^Cannot read image ${path}: it must have at most 67108864 pixels: current size is ${width}x${height}\\. Cut`,
        ),
      });
      // The least of them would take 300 MB.
      assert.ok(Deno.memoryUsage().rss - before < 50e6);
    });
  }
});

Deno.test("loadImage() refuses a tiny file that claims an image a million pixels wide and one high", async () => {
  // Within the limit on pixels, so the file's own bytes decide.
  await withFile(pngOf(1_000_000, 1), async (path) => {
    const wide = { ...record, path, width: 1_000_000, height: 1 };
    await assert.rejects(loadImage(wide), {
      name: "SyntaxError",
      message:
        `Cannot read image ${path}: it has 4 bytes of pixels, not 3000001. Copy the file again, or take its record out of the split`,
    });
  });
  await withFile(jpegOf(65_535, 1), async (path) => {
    await assert.rejects(
      loadImage({ ...record, path, width: 65_535, height: 1 }),
      {
        name: "SyntaxError",
        message: new RegExp(`^Cannot read image ${path}: `),
      },
    );
  });
});

Deno.test("loadImage() cuts a window out of a file and pads it", async () => {
  // Pixel (x, y) is [x, y, 7].
  const [width, height] = [5, 4];
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => [(at / 3 | 0) % width, at / (3 * width) | 0, 7][at % 3],
  );
  await withFile(encodePng(data, { width, height }), async (file) => {
    const window = { file, left: 3, top: 2, width: 2, height: 2 };
    const patch = { ...record, path: "a patch", width: 3, height: 3, window };
    const padding = [124, 116, 104];
    const image = await loadImage(patch);
    assert.deepEqual([image.width, image.height], [3, 3]);
    assert.deepEqual([...image.data], [
      ...[3, 2, 7, 4, 2, 7, ...padding],
      ...[3, 3, 7, 4, 3, 7, ...padding],
      ...[...padding, ...padding, ...padding],
    ]);
    for (const left of [-1, 0.5, 4]) {
      await assert.rejects(
        loadImage({ ...patch, window: { ...window, left } }),
        {
          name: "RangeError",
          message: new RegExp(
            `^Cannot use image ${file}: it must hold the window of BloodImage_00000, 2x2 at ${left}, 2: current size is 5x4\\. Read`,
          ),
        },
      );
    }
    await assert.rejects(loadImage({ ...patch, width: 1 }), {
      name: "RangeError",
      message: /must fit a patch of 1x3 pixels: current window is 2x2 at 3, 2/,
    });
  });
});

async function withFile(
  bytes: Uint8Array,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".jpg" });
  try {
    await Deno.writeFile(path, bytes);
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}
