import assert from "node:assert/strict";
import { loadImage } from "ldlab/data/load_image.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { drawScene } from "ldlab/data/scene_drawing.ts";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { goldenCases } from "../golden.ts";

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

Deno.test("loadImage() reads PNG files, whatever their names", async () => {
  const [png] = await goldenCases(
    "png",
    ({ name }) => name === "palette, 4 bits",
  );
  const { shape: [height, width], data } = png.outputs.image;
  const path = await Deno.makeTempFile({ suffix: ".jpg" });
  try {
    await Deno.writeFile(path, Buffer.from(png.inputs.file, "base64"));
    const image = await loadImage({ ...record, path, width, height });
    assert.deepEqual([...image.data], data);
  } finally {
    await Deno.remove(path);
  }
});
