import assert from "node:assert/strict";
import { type Flip, flipBoxes, FLIPS } from "ldlab/data/flip.ts";
import { placeBoxes, type Placement } from "ldlab/data/jitter.ts";
import {
  DEVIATION,
  MEAN,
  writeNetworkInput,
} from "ldlab/data/network_input.ts";
import { resizeBilinear } from "ldlab/data/resize_bilinear.ts";

const [width, height] = [40, 30];
const box = new Float32Array([6, 4, 18, 22]);

/** White inside `box`, black outside. */
function whiteBox() {
  const data = new Uint8Array(width * height * 3);
  for (let y = box[1]; y < box[3]; y++) {
    data.fill(255, (y * width + box[0]) * 3, (y * width + box[2]) * 3);
  }
  return { width, height, data };
}

function input(flip: Flip, placement?: Placement): Float32Array {
  const target = new Float32Array(width * height * 3).fill(NaN);
  writeNetworkInput(whiteBox(), target, flip, placement);
  return target;
}

/** Bounds of the pixels whose green is above the middle of black and white. */
function brightBounds(target: Float32Array): number[] {
  const middle = (127.5 - MEAN[1]) / DEVIATION[1];
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (!(target[pixel * 3 + 1] > middle)) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    bounds[0] = Math.min(bounds[0], x);
    bounds[1] = Math.min(bounds[1], y);
    bounds[2] = Math.max(bounds[2], x + 1);
    bounds[3] = Math.max(bounds[3], y + 1);
  }
  return bounds;
}

Deno.test("writeNetworkInput() normalises RGB by ImageNet's mean and deviation", () => {
  const image = {
    width: 2,
    height: 1,
    data: new Uint8Array([124, 116, 104, 0, 128, 255]),
  };
  const target = new Float32Array(6);
  writeNetworkInput(image, target, "none");
  // (value - mean) / deviation by hand.
  const expected = [
    0.325 / 58.395,
    -0.28 / 57.12,
    0.47 / 57.375,
    -123.675 / 58.395,
    11.72 / 57.12,
    151.47 / 57.375,
  ];
  target.forEach((value, at) => {
    assert.ok(Math.abs(value - expected[at]) < 1e-6, `value ${at}: ${value}`);
  });
});

Deno.test("writeNetworkInput() mirrors pixels as flipBoxes() mirrors boxes", () => {
  for (const flip of FLIPS) {
    assert.deepEqual(
      brightBounds(input(flip)),
      [...flipBoxes(box, flip, width, height)],
      flip,
    );
  }
});

Deno.test("writeNetworkInput() places pixels as placeBoxes() places boxes", () => {
  const placements = [
    { width: 60, height: 36, left: -11, top: -3 },
    { width: 32, height: 24, left: 5, top: 2 },
    { width: 56, height: 27, left: -8, top: 3 },
    { width: 40, height: 30, left: 0, top: 0 },
  ];
  for (const flip of FLIPS) {
    for (const placement of placements) {
      const flipped = flipBoxes(box, flip, width, height);
      const { boxes } = placeBoxes(
        { boxes: flipped, labels: new Int32Array([0]) },
        placement,
        { width, height },
        3,
      );
      const bounds = brightBounds(input(flip, placement));
      assert.equal(boxes.length, 4);
      bounds.forEach((bound, side) => {
        // Half a pixel of resampling, half a pixel of counting whole ones.
        const off = Math.abs(bound - boxes[side]);
        assert.ok(off <= 1, `${flip} ${JSON.stringify(placement)} ${side}`);
      });
    }
  }
});

Deno.test("writeNetworkInput() resamples as resizeBilinear() does and leaves the rest 0", () => {
  const placement = { width: 28, height: 21, left: 7, top: 4 };
  const target = input("none", placement);
  const resampled = resizeBilinear(whiteBox(), 28, 21);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [x - placement.left, y - placement.top];
      const covered = column >= 0 && column < 28 && row >= 0 && row < 21;
      const value = target[(y * width + x) * 3];
      if (!covered) {
        assert.equal(value, 0);
        continue;
      }
      const grey = resampled.data[(row * 28 + column) * 3];
      assert.ok(Math.abs(value * DEVIATION[0] + MEAN[0] - grey) <= 0.5 + 1e-4);
    }
  }
});

Deno.test("writeNetworkInput() is the same with a placement that changes nothing", () => {
  for (const flip of FLIPS) {
    const plain = input(flip);
    const placed = input(flip, { width, height, left: 0, top: 0 });
    plain.forEach((value, at) => {
      assert.ok(Math.abs(value - placed[at]) < 1e-6);
    });
  }
});

Deno.test("writeNetworkInput() fails when the target has another length", () => {
  assert.throws(
    () => writeNetworkInput(whiteBox(), new Float32Array(10), "none"),
    {
      name: "TypeError",
      message: /30 \* 40 \* 3 values: current length is 10/,
    },
  );
});
