import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { flipBoxes, FLIPS } from "ldlab/data/flip.ts";
import {
  CAFFE_BGR,
  IMAGENET_RGB,
  paddedSize,
  writePaddedInput,
} from "ldlab/data/padded_input.ts";
import { assertClose, type GoldenCase, goldenCases } from "../golden.ts";

const inputs = (one: GoldenCase) => one.name.startsWith("input: ");
const normalisations = { imagenet_rgb: IMAGENET_RGB, caffe_bgr: CAFFE_BGR };

Deno.test("writePaddedInput() and paddedSize() equal MMDetection's DetDataPreprocessor", async () => {
  for (
    const { name, inputs: { images }, params, outputs } of await goldenCases(
      "resize",
      inputs,
    )
  ) {
    const [, height, width] = outputs.batch.shape;
    const length = height * width * 3;
    const normalisation =
      normalisations[params.normalisation as keyof typeof normalisations];
    for (const [row, { shape, data }] of images.entries()) {
      const image = {
        width: shape[1],
        height: shape[0],
        data: Uint8Array.from(data),
      };
      const target = new Float32Array(length).fill(NaN);
      writePaddedInput(image, target, { width, height }, normalisation, "none");
      const expected = outputs.batch.data.slice(
        row * length,
        (row + 1) * length,
      );
      // Float32 (grey - mean) / deviation there, once rounded here.
      assertClose(target, expected, { ofLargest: 2e-7 }, `${name} ${row}`);
      const padded = paddedSize(image, params.divisor);
      assert.deepEqual(
        [padded.height, padded.width],
        outputs.padded[row],
        name,
      );
    }
  }
});

Deno.test("writePaddedInput() mirrors within the image, so padding stays right and below", () => {
  const [width, height] = [5, 4];
  const padded = { width: 8, height: 6 };
  const box = new Float32Array([1, 0, 3, 3]);
  const data = new Uint8Array(width * height * 3).fill(100);
  for (let y = box[1]; y < box[3]; y++) {
    data.fill(255, (y * width + box[0]) * 3, (y * width + box[2]) * 3);
  }
  for (const flip of FLIPS) {
    const target = new Float32Array(6 * 8 * 3).fill(NaN);
    writePaddedInput({ width, height, data }, target, padded, CAFFE_BGR, flip);
    const [x1, y1, x2, y2] = flipBoxes(box, flip, width, height);
    target.forEach((value, at) => {
      const [x, y] = [Math.floor(at / 3) % 8, Math.floor(at / 24)];
      const bright = x >= x1 && x < x2 && y >= y1 && y < y2;
      const inside = x < width && y < height;
      const expected = inside
        ? (bright ? 255 : 100) - CAFFE_BGR.mean[at % 3]
        : 0;
      assert.equal(value, Math.fround(expected), `${flip} at ${x}, ${y}`);
    });
  }
});

Deno.test("paddedSize() gives validAnchors() the anchors that an image has in a larger input", () => {
  const anchors = makeAnchors({ width: 160, height: 128, strides: [16, 64] });
  // 70x40 is padded to 96x64: 4 rows of 6 of 10 cells; 1 row of 2 of 3.
  const valid = validAnchors(anchors, paddedSize({ width: 70, height: 40 }));
  const [fine, coarse] = anchors.levels;
  assert.equal(
    valid.slice(0, fine.count).reduce((sum, flag) => sum + flag, 0),
    4 * 6,
  );
  assert.deepEqual([...valid.slice(coarse.start)], [1, 1, 0, 0, 0, 0]);
  assert.equal(valid[5], 1);
  assert.equal(valid[6], 0);
});

Deno.test("paddedSize() keeps sides that fit, and fails when the divisor is none", () => {
  const size = { width: 1344, height: 800 };
  assert.deepEqual(paddedSize(size), size);
  assert.deepEqual(paddedSize({ width: 1, height: 33 }), {
    width: 32,
    height: 64,
  });
  for (const divisor of [0, -32, 1.5, NaN]) {
    assert.throws(() => paddedSize(size, divisor), RangeError);
  }
});

Deno.test("writePaddedInput() fails when sizes do not go together", () => {
  const image = { width: 3, height: 2, data: new Uint8Array(18) };
  const write = (length: number, width: number, height: number) => () =>
    writePaddedInput(
      image,
      new Float32Array(length),
      { width, height },
      IMAGENET_RGB,
      "none",
    );
  assert.throws(write(17, 3, 2), {
    name: "TypeError",
    message: /2 \* 3 \* 3 values: current length is 17/,
  });
  assert.throws(write(12, 2, 2), {
    name: "RangeError",
    message: /must fit into 2x2: current size is 3x2/,
  });
});
