import assert from "node:assert/strict";
import fc from "fast-check";
import {
  keepRatioInside,
  keepRatioSize,
  resizeBoxes,
  restoreBoxes,
  type Scale,
} from "ldlab/data/keep_ratio.ts";
import { assertClose, type GoldenCase, goldenCases } from "../golden.ts";

const sizes = (one: GoldenCase) => one.name.startsWith("size: ");

Deno.test("keepRatioSize() equals MMDetection's Resize", async () => {
  for (
    const { name, inputs, params, outputs } of await goldenCases(
      "resize",
      sizes,
    )
  ) {
    const size = keepRatioSize(inputs, params.scale);
    assert.deepEqual(
      [size.width, size.height, size.scaleX, size.scaleY],
      [outputs.width, outputs.height, ...outputs.factors],
      name,
    );
  }
});

Deno.test("resizeBoxes() and restoreBoxes() equal MMDetection's", async () => {
  for (
    const { name, inputs, params, outputs } of await goldenCases(
      "resize",
      sizes,
    )
  ) {
    const size = keepRatioSize(inputs, params.scale);
    const boxes = resizeBoxes(Float32Array.from(inputs.box.data), size);
    assertClose(boxes, outputs.box.data, { relative: 2e-7 }, name);
    const back = restoreBoxes(boxes, size);
    assertClose(back, outputs.back.data, { relative: 4e-7 }, name);
  }
});

Deno.test("keepRatioSize() fills one bound, exceeds none, and keeps the ratio to half a pixel", () => {
  const side = fc.integer({ min: 1, max: 5000 });
  const bound = fc.integer({ min: 200, max: 2000 });
  fc.assert(
    fc.property(side, side, bound, bound, (width, height, a, b) => {
      fc.pre(Math.max(width, height) < 100 * Math.min(width, height));
      const size = keepRatioSize({ width, height }, [a, b]);
      const [short, long] = [size.width, size.height].sort((x, y) => x - y);
      assert.ok(long <= Math.max(a, b) && short <= Math.min(a, b));
      assert.ok(long === Math.max(a, b) || short === Math.min(a, b));
      const factor = Math.min(
        Math.max(a, b) / Math.max(width, height),
        Math.min(a, b) / Math.min(width, height),
      );
      assert.ok(Math.abs(size.width - width * factor) <= 0.5 + 1e-9);
      assert.ok(Math.abs(size.height - height * factor) <= 0.5 + 1e-9);
      assert.deepEqual(keepRatioSize({ width, height }, [b, a]), size);
    }),
    { seed: 6 },
  );
});

Deno.test("restoreBoxes() undoes resizeBoxes() inside the image; none stay none", () => {
  const size = keepRatioSize({ width: 640, height: 427 }, [1333, 800]);
  const boxes = new Float32Array([0, 0, 640, 427, 12.5, 30.25, 12.5, 400]);
  assertClose(restoreBoxes(resizeBoxes(boxes, size), size), boxes, {
    relative: 3e-7,
  });
  assert.equal(resizeBoxes(new Float32Array(), size).length, 0);
  assert.equal(restoreBoxes(new Float32Array(), size).length, 0);
});

Deno.test("resizeBoxes() leaves a box beyond the image without area", () => {
  const size = { width: 80, height: 60, scaleX: 2, scaleY: 2 };
  const boxes = resizeBoxes(new Float32Array([50, -9, 90, -2]), size);
  assert.deepEqual([...boxes], [80, 0, 80, 0]);
});

Deno.test("keepRatioInside() fills a width or a height, exceeds neither, and leaves a pixel at least", () => {
  const side = fc.integer({ min: 1, max: 2000 });
  const size = fc.record({ width: side, height: side });
  fc.assert(
    fc.property(size, size, (image, bounds) => {
      const { width, height, scaleX, scaleY } = keepRatioInside(image, bounds);
      assert.ok(width >= 1 && width <= bounds.width);
      assert.ok(height >= 1 && height <= bounds.height);
      assert.ok(width === bounds.width || height === bounds.height);
      assert.deepEqual([scaleX, scaleY], [
        width / image.width,
        height / image.height,
      ]);
      // The other side is as exact as whole pixels allow.
      const exact = Math.abs(image.width * scaleY - width) <= 0.5 + 1e-9 ||
        Math.abs(image.height * scaleX - height) <= 0.5 + 1e-9;
      assert.ok(exact || width === 1 || height === 1);
    }),
  );
  const thin = keepRatioInside(
    { width: 5000, height: 2 },
    { width: 800, height: 1344 },
  );
  assert.deepEqual([thin.width, thin.height], [800, 1]);
  assert.throws(
    () => keepRatioInside({ width: 5, height: 5 }, { width: 0, height: 5 }),
    RangeError,
  );
});

Deno.test("keepRatioSize() fails when a side would have no pixel, and when an input is no size", () => {
  assert.throws(
    () => keepRatioSize({ width: 1_000_000, height: 10 }, [1333, 800]),
    {
      name: "RangeError",
      message:
        /within \[1333,800\] no side may round to 0 pixels: current size is 1000000x10, which becomes 1333x0/,
    },
  );
  assert.throws(() => keepRatioSize({ width: 0, height: 10 }, [1333, 800]), {
    name: "RangeError",
    message: /current size is 0x10/,
  });
  for (const scale of [[0, 800], [1333, -1], [NaN, 800], [Infinity, 800]]) {
    assert.throws(
      () => keepRatioSize({ width: 10, height: 10 }, scale as unknown as Scale),
      {
        name: "RangeError",
        message: /both bounds of a scale must be positive/,
      },
    );
  }
});

Deno.test("resizeBoxes() and restoreBoxes() fail when a box has not 4 values", () => {
  const size = { width: 80, height: 60, scaleX: 2, scaleY: 2 };
  for (const scale of [resizeBoxes, restoreBoxes]) {
    assert.throws(() => scale(new Float32Array(6), size), {
      name: "TypeError",
      message: /boxes must have 4 values each: current length is 6/,
    });
  }
});
