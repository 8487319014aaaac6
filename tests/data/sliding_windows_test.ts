import assert from "node:assert/strict";
import fc from "fast-check";
import { slidingWindows } from "ldlab/data/sliding_windows.ts";

Deno.test("slidingWindows() puts the last window at the border", () => {
  const starts = (width: number) =>
    slidingWindows({ width, height: 10 }, { size: 1024, overlap: 200 })
      .map(({ left, top }) => (assert.equal(top, 0), left));
  assert.deepEqual(starts(1), [0]);
  assert.deepEqual(starts(1024), [0]);
  assert.deepEqual(starts(1025), [0, 1]);
  assert.deepEqual(starts(1848), [0, 824]); // 1024 + 824
  assert.deepEqual(starts(1849), [0, 824, 825]);
  assert.deepEqual(starts(4000), [0, 824, 1648, 2472, 2976]);
});

Deno.test("slidingWindows() covers every pixel, windows being inside unless the image is smaller", () => {
  const length = fc.integer({ min: 1, max: 90 });
  fc.assert(fc.property(
    length,
    length,
    fc.integer({ min: 1, max: 40 }),
    fc.nat(),
    (width, height, size, some) => {
      const overlap = some % size;
      const windows = slidingWindows({ width, height }, { size, overlap });
      const seen = new Set<number>();
      for (const { left, top } of windows) {
        assert.ok(left >= 0 && top >= 0);
        assert.ok(left + size <= Math.max(width, size));
        assert.ok(top + size <= Math.max(height, size));
        for (let y = top; y < Math.min(top + size, height); y++) {
          for (let x = left; x < Math.min(left + size, width); x++) {
            seen.add(y * width + x);
          }
        }
      }
      assert.equal(seen.size, width * height);
      const places = new Set(windows.map((one) => `${one.left},${one.top}`));
      assert.equal(places.size, windows.length);
    },
  ));
});

Deno.test("slidingWindows() fails when size or overlap is out of range", () => {
  const image = { width: 9, height: 9 };
  for (const size of [0, -1, 1.5, NaN]) {
    assert.throws(() => slidingWindows(image, { size, overlap: 0 }), {
      name: "RangeError",
      message: /patches: size must be a positive integer: current value is/,
    });
  }
  for (const overlap of [-1, 4, 0.5, NaN]) {
    assert.throws(() => slidingWindows(image, { size: 4, overlap }), {
      name: "RangeError",
      message: /overlap must be .* less than size, 4: current value is/,
    });
  }
});
