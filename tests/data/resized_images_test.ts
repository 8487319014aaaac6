import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { loadImage } from "ldlab/data/load_image.ts";
import { resizeArea } from "ldlab/data/resize_area.ts";
import { resizeBilinear } from "ldlab/data/resize_bilinear.ts";
import { keepResizedImages } from "ldlab/data/resized_images.ts";
import { makeScenes } from "ldlab/data/scenes.ts";

const { images } = makeScenes({ seed: 1, count: 2 });

Deno.test("keepResizedImages() averages areas when it shrinks and interpolates when it enlarges", async () => {
  const image = await loadImage(images[1]);
  const sized = (width: number, height: number) =>
    keepResizedImages(images, { width, height }).get(1);
  assert.deepEqual(await sized(50, 40), resizeArea(image, 50, 40));
  assert.deepEqual(await sized(128, 96), image);
  assert.deepEqual(await sized(200, 90), resizeBilinear(image, 200, 90));
});

Deno.test("keepResizedImages() reads a file once, and again only when memory is short", async () => {
  const path = await Deno.makeTempFile();
  const source = fileURLToPath(
    new URL("../../data/bccd/JPEGImages/BloodImage_00000.jpg", import.meta.url),
  );
  const file = {
    ...images[0],
    scene: undefined,
    path,
    width: 640,
    height: 480,
  };
  const size = { width: 64, height: 48 };
  try {
    for (const cacheBytes of [64 * 48 * 3, 64 * 48 * 3 - 1]) {
      await Deno.copyFile(source, path);
      const kept = keepResizedImages([file], { ...size, cacheBytes });
      const first = await kept.get(0);
      await Deno.writeFile(path, new Uint8Array());
      if (cacheBytes === 64 * 48 * 3) {
        assert.equal(await kept.get(0), first);
      } else {
        await assert.rejects(kept.get(0), SyntaxError);
      }
    }
  } finally {
    await Deno.remove(path);
  }
});
