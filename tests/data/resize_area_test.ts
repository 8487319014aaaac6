import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeJpeg } from "ldlab/data/jpeg.ts";
import { resizeArea } from "ldlab/data/resize_area.ts";

/** 10x7, value (37 x² + 61 y + 17 x y + 90 channel) mod 256. */
function pattern() {
  const data = Uint8Array.from({ length: 7 * 10 * 3 }, (_, at) => {
    const [channel, x, y] = [
      at % 3,
      Math.floor(at / 3) % 10,
      Math.floor(at / 30),
    ];
    return (37 * x * x + 61 * y + 17 * x * y + 90 * channel) % 256;
  });
  return { width: 10, height: 7, data };
}

Deno.test("resizeArea() equals OpenCV's INTER_AREA on BCCD at 2.5 to 1", async () => {
  // SHA-256 of cv2.resize(pillow_rgb, (256, 192), interpolation=cv2.INTER_AREA)
  // by OpenCV 5.0.0: all 147,456 values equal.
  const expected = {
    BloodImage_00000:
      "ce6202f19b1452ff77b84d84d5c79c4d719113039e03e924327c40efe41b5b57",
    BloodImage_00338:
      "01fd2ac84c350644943d49c59ea3912ad4e8751d1b1da47a0767899a007555eb",
    BloodImage_00410:
      "3f18b9d5ba9dfc02d23db417355d8a5673774d3ad10e69cd76da20a8f360ad9d",
  };
  const folder = new URL("../../data/bccd/JPEGImages/", import.meta.url);
  for (const [name, hash] of Object.entries(expected)) {
    const file = await Deno.readFile(new URL(`${name}.jpg`, folder));
    const { data } = resizeArea(await decodeJpeg(file), 256, 192);
    assert.equal(createHash("sha256").update(data).digest("hex"), hash, name);
  }
});

Deno.test("resizeArea() equals OpenCV's INTER_AREA when the ratios are odd", () => {
  // cv2.resize(pattern, size, interpolation=cv2.INTER_AREA), OpenCV 5.0.0.
  // deno-fmt-ignore
  assert.deepEqual([...resizeArea(pattern(), 4, 3).data], [
    90, 144, 146, 138, 119, 77, 121, 131, 155, 106, 116, 140,
    129, 95, 112, 109, 134, 107, 128, 115, 118, 104, 150, 123,
    146, 112, 121, 146, 127, 92, 90, 144, 102, 145, 96, 127,
  ]);
  // deno-fmt-ignore
  assert.deepEqual([...resizeArea(pattern(), 5, 2).data], [
    90, 125, 142, 136, 134, 96, 131, 129, 91, 111, 128, 144, 112, 129, 128,
    145, 107, 124, 125, 124, 122, 127, 125, 87, 114, 130, 111, 122, 102, 138,
  ]);
});

Deno.test("resizeArea() is the identity when the size stays", () => {
  assert.deepEqual(resizeArea(pattern(), 10, 7), pattern());
});

Deno.test("resizeArea() keeps the mean when an image becomes one pixel", () => {
  const { data } = pattern();
  const mean = (channel: number) =>
    data.filter((_, at) => at % 3 === channel).reduce((a, b) => a + b) / 70;
  assert.deepEqual(
    [...resizeArea(pattern(), 1, 1).data],
    [0, 1, 2].map((channel) => Math.round(mean(channel))),
  );
});

Deno.test("resizeArea() fails when a side is not a positive integer", () => {
  for (const [width, height] of [[0, 3], [4, -1], [2.5, 3], [NaN, 3]]) {
    assert.throws(() => resizeArea(pattern(), width, height), {
      name: "RangeError",
      message: /must be positive integers: current size is/,
    });
  }
});
