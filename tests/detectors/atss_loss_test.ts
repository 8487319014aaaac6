import { atssHead } from "ldlab/detectors/atss_head.ts";
import { atssLoss } from "ldlab/detectors/atss_loss.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { assertClose } from "../golden.ts";
import { assertLosses } from "./golden_losses.ts";
import {
  assertFinite,
  assertNothingOfNoImages,
  assertRefusesOtherSize,
  lossesOfOne,
} from "./loss_of_one.ts";

const losses = (inputs: Parameters<typeof atssLoss>[0]) => {
  const { focal, box, centerness } = atssLoss(inputs);
  return [focal, box, centerness];
};

Deno.test("atssLoss() equals MMDetection's ATSSHead.loss_by_feat, and with distributions the LD repository's", async () => {
  await assertLosses({
    kind: "atss",
    make: atssHead,
    anchors: {},
    assign: assignAtss,
    losses,
  });
});

Deno.test("atssLoss() divides by max(W, 1) for deltas as MMDetection, by W for distributions as the LD repository", async () => {
  // c = √(4/16 · 4/4) = 1/2 = W. The anchor, 64 × 64, and the box of half a stride
  // to each side, 8 × 8, against the true box, 20 × 8, around or inside it.
  const box = [-4, -4, 16, 4];
  for (
    const [numbers, loss] of [
      [Array(4).fill(0), 2 * 0.5 * (1 - 160 / 4096)],
      [new Array(8).fill(0), 2 * (1 - 64 / 160)],
    ] as const
  ) {
    const expected = [0.25 * 0.25 * Math.LN2, loss, Math.LN2];
    for (
      const [place, { value }] of await lossesOfOne(losses, { box, numbers })
    ) {
      assertClose(value, expected, { relative: 1e-5 }, place);
    }
  }
});

Deno.test("atssLoss() is finite, gradients included, at logits of ±1e4 and odd boxes, and background learns no box", async () => {
  await assertFinite(losses);
});

Deno.test("atssLoss() refuses outputs of another input size", () => {
  assertRefusesOtherSize(losses, "ATSS");
});

Deno.test("atssLoss() is 0 of a batch without images", async () => {
  await assertNothingOfNoImages(losses);
});
