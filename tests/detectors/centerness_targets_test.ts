import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { centernessTargets } from "ldlab/detectors/centerness_targets.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

Deno.test("centernessTargets() is 1 in the middle, and 0 on the edge, outside and without a box", async () => {
  // The locations are (0, 0), (8, 0), (16, 0), (24, 0), (32, 0).
  const anchors = makeAnchors({ height: 8, width: 40, strides: [8] });
  const inputs = {
    boxes: {
      shape: [1, 5, 4],
      data: [
        ...[-3, -2, 3, 2], // middle
        ...[7, -9, 17, 1], // √(1/9 · 1/9)
        ...[16, -1, 20, 1], // left edge
        ...[28, -1, 30, 1], // outside
        ...[30, -2, 34, 2], // no box
      ],
    },
    positive: { shape: [1, 5], data: [1, 1, 1, 1, 0] },
  };
  const f = (given: Record<string, tf.Tensor>) =>
    centernessTargets(
      anchors,
      given.boxes as tf.Tensor3D,
      given.positive as tf.Tensor2D,
    );
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, [1, 1 / 9, 0, 0, 0], { absolute: 1e-6 }, place);
  }
});

Deno.test("centernessTargets() of a box without size is 0", async () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const box = { shape: [1, 1, 4], data: [0, 0, 0, 0] };
  const f = (given: Record<string, tf.Tensor>) =>
    centernessTargets(anchors, given.box as tf.Tensor3D, tf.ones([1, 1]));
  for (const [place, { value }] of await everywhere(f, { box })) {
    assertClose(value, [0], {}, place);
  }
});
