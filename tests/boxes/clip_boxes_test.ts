import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { clipBoxes } from "ldlab/boxes/clip_boxes.ts";
import { everywhere } from "../everywhere.ts";

Deno.test("clipBoxes() passes no gradient where it clips", async () => {
  // deno-fmt-ignore
  const boxes = { shape: [2, 4], data: [-3, 0, 40, 30,  90, 90, 99, 99] };
  const f = ({ boxes }: Record<string, tf.Tensor>) =>
    clipBoxes(boxes, { height: 20, width: 40 });
  for (const [place, found] of await everywhere(f, { boxes }, ["boxes"])) {
    assert.deepEqual([...found.value], [0, 0, 40, 20, 40, 20, 40, 20], place);
    // As PyTorch's clamp, what is on the border passes its gradient.
    const slopes = [0, 1, 1, 0, 0, 0, 0, 0];
    assert.deepEqual([...found.gradients.boxes], slopes, place);
  }
});

Deno.test("clipBoxes() refuses what is no box and no size", () => {
  const size = { height: 20, width: 40 };
  assert.throws(() => clipBoxes(tf.zeros([2, 5]), size), {
    name: "TypeError",
    message:
      "Cannot clip boxes: boxes must be [..., 4]: current shape is [2, 5]",
  });
  assert.throws(() => clipBoxes(tf.zeros([2, 4]), { ...size, width: -1 }), {
    name: "RangeError",
    message:
      "Cannot clip boxes: the image's width must be a finite number of " +
      "at least 0: current value is -1",
  });
});
