import assert from "node:assert/strict";
import { augment, type Augmentation } from "ldlab/data/augmentation.ts";
import { createRandom } from "ldlab/random/random.ts";

const image = { width: 100, height: 80 };
const objects = {
  boxes: new Float32Array([10, 20, 40, 60]),
  labels: new Int32Array([2]),
};

Deno.test("augment() mirrors left-right in half of the cases when flips are horizontal", () => {
  const counts: Record<string, number> = {};
  for (let sample = 0; sample < 1000; sample++) {
    const random = createRandom(5, sample);
    const flips = "horizontal";
    const { flip, objects: { boxes } } = augment(
      random,
      { flips },
      image,
      objects,
    );
    counts[flip] = (counts[flip] ?? 0) + 1;
    // x1' = W - x2 = 60, x2' = W - x1 = 90.
    const expected = flip === "h" ? [60, 20, 90, 60] : [10, 20, 40, 60];
    assert.deepEqual([...boxes], expected);
  }
  assert.deepEqual(Object.keys(counts).sort(), ["h", "none"]);
  // 500 each, deviation sqrt(1000 / 4) = 15.8.
  assert.ok(Math.abs(counts.h - 500) < 70, `${counts.h}`);
});

Deno.test("augment() draws nothing without flips and jitter, and refuses other flips", () => {
  const never = () => assert.fail("nothing is to be drawn");
  const same = augment(never, { flips: false }, image, objects);
  assert.deepEqual(same, { flip: "none", objects });
  const vertical = { flips: "vertical" } as unknown as Augmentation;
  assert.throws(() => augment(never, vertical, image, objects), {
    name: "RangeError",
    message:
      'Cannot flip: flips must be true, false or "horizontal": current value is "vertical"',
  });
});
