import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openInputImages } from "ldlab/data/input_images.ts";
import { loadImage } from "ldlab/data/load_image.ts";
import { CAFFE_BGR, writePaddedInput } from "ldlab/data/padded_input.ts";
import { resizeBilinear } from "ldlab/data/resize_bilinear.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createRandom } from "ldlab/random/random.ts";

const [scene] = makeScenes({ seed: 1, count: 1 }).images; // 128x96
const input = {
  kind: "keepRatio",
  train: { mode: "range", scales: [[128, 24], [128, 96]] },
  test: [64, 48],
  buckets: 1,
  normalisation: "caffeBgr",
} as const;

Deno.test("openInputImages() resizes an image anew for each drawn scale", async () => {
  const images = openInputImages([scene], input, { phase: "train" });
  const [size] = images.sizes;
  assert.deepEqual(images.sizes, [{ width: 128, height: 96 }]);
  assert.equal(images.varies, true);
  const decoded = await loadImage(scene);
  const seen = new Set<number>();
  for (let draw = 0; draw < 8; draw++) {
    const resized = images.draw(0, createRandom(1, draw));
    const { width, height } = resized;
    seen.add(width);
    const target = new Float32Array(size.width * size.height * 3).fill(NaN);
    await images.write(0, target, { size, resized, flip: "h" });
    const expected = target.slice();
    const image = resizeBilinear(decoded, width, height);
    writePaddedInput(image, expected, size, CAFFE_BGR, "h");
    assert.deepEqual(target, expected);
    const boxes = images.resizeBoxes(
      new Float32Array([8, 6, 64, 200]),
      resized,
    );
    const scale = Math.fround(width / 128);
    assert.deepEqual([boxes[0], boxes[3]], [8 * scale, height]);
  }
  assert.ok(seen.size > 4);
});

Deno.test("openInputImages() draws nothing for a test, and says where an image's padding ends", () => {
  const never = () => assert.fail("nothing is to be drawn");
  const images = openInputImages([scene], input, { phase: "test" });
  const { width, height } = images.draw(0, never);
  assert.deepEqual([width, height, images.varies], [64, 48, false]);
  assert.deepEqual(images.ownInput({ width, height }), {
    width: 64,
    height: 64,
  });
  const stretch = { kind: "stretch", width: 32, height: 32 } as const;
  const stretched = openInputImages([scene], stretch, { phase: "train" });
  assert.equal(stretched.ownInput({ width: 32, height: 32 }), undefined);
  assert.equal(stretched.draw(0, never).scaleX, 0.25);
});

Deno.test("openInputImages() reads a file once, and again only when memory is short", async () => {
  const source = fileURLToPath(
    new URL("../../data/bccd/JPEGImages/BloodImage_00000.jpg", import.meta.url),
  );
  const path = await Deno.makeTempFile();
  const file = { ...scene, scene: undefined, path, width: 640, height: 480 };
  const bytes = 640 * 480 * 3;
  try {
    for (const cacheBytes of [bytes, bytes - 1]) {
      await Deno.copyFile(source, path);
      const options = { phase: "train", cacheBytes } as const;
      const images = openInputImages([file], input, options);
      const [size] = images.sizes;
      const target = new Float32Array(size.width * size.height * 3);
      const write = (draw: number) => {
        const resized = images.draw(0, createRandom(draw));
        return images.write(0, target, { size, resized, flip: "none" });
      };
      await write(1);
      await Deno.writeFile(path, new Uint8Array());
      if (cacheBytes === bytes) await write(2);
      else await assert.rejects(write(2), SyntaxError);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("openInputImages() names the image that can have no size", () => {
  const wide = { ...scene, width: 1_000_000, height: 10, path: "wide.jpg" };
  for (const phase of ["train", "test"] as const) {
    assert.throws(
      () => openInputImages([scene, wide, scene], input, { phase }),
      /current size is 1000000x10, which becomes .*: wide\.jpg$/,
    );
  }
  assert.throws(
    () => openInputImages([], input, { phase: "test" }),
    /there must be at least one image: current number is 0$/,
  );
});
