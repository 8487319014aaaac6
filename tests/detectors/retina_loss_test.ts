import { retinaHead } from "ldlab/detectors/retina_head.ts";
import { retinaLoss } from "ldlab/detectors/retina_loss.ts";
import { assignMaxIou } from "ldlab/regions/max_iou.ts";
import { assertClose } from "../golden.ts";
import { assertLosses } from "./golden_losses.ts";
import {
  assertFinite,
  assertNothingOfNoImages,
  assertRefusesOtherSize,
  lossesOfOne,
} from "./loss_of_one.ts";

const losses = (inputs: Parameters<typeof retinaLoss>[0]) => {
  const { focal, box } = retinaLoss(inputs);
  return [focal, box];
};

Deno.test("retinaLoss() equals MMDetection's RetinaHead.loss_by_feat, and with distributions the LD repository's", async () => {
  await assertLosses({
    kind: "retina",
    make: retinaHead,
    anchors: {
      scale: [4, 4 * 2 ** (1 / 3), 4 * 2 ** (2 / 3)],
      ratios: [0.5, 1, 2],
    },
    assign: assignMaxIou,
    losses,
  });
});

Deno.test("retinaLoss() takes L1 of deltas and twice GIoU of distributions", async () => {
  // The anchor is 64 × 64 around (0, 0), the true box 64 × 32 around (16, 8): a
  // quarter to the right, an eighth down, half as high. The box of half a stride to
  // each side, 8 × 8, lies inside it.
  const box = [-16, -8, 48, 24];
  for (
    const [numbers, loss] of [
      [Array(4).fill(0), 1 / 4 + 1 / 8 + Math.LN2],
      [new Array(8).fill(0), 2 * (1 - 64 / 2048)],
    ] as const
  ) {
    const expected = [0.25 * 0.25 * Math.LN2, loss];
    for (
      const [place, { value }] of await lossesOfOne(losses, { box, numbers })
    ) {
      assertClose(value, expected, { relative: 1e-5 }, place);
    }
  }
});

Deno.test("retinaLoss() is finite, gradients included, at logits of ±1e4 and odd boxes, and background learns no box", async () => {
  await assertFinite(losses);
});

Deno.test("retinaLoss() refuses outputs of another input size", () => {
  assertRefusesOtherSize(losses, "RetinaNet");
});

Deno.test("retinaLoss() is 0 of a batch without images", async () => {
  await assertNothingOfNoImages(losses);
});
