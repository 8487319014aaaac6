import { fcosHead } from "ldlab/detectors/fcos_head.ts";
import { fcosLoss } from "ldlab/detectors/fcos_loss.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import { assertClose } from "../golden.ts";
import { assertLosses } from "./golden_losses.ts";
import {
  assertFinite,
  assertNothingOfNoImages,
  assertRefusesOtherSize,
  lossesOfOne,
} from "./loss_of_one.ts";

const losses = (inputs: Parameters<typeof fcosLoss>[0]) => {
  const { focal, box, centerness } = fcosLoss(inputs);
  return [focal, box, centerness];
};

Deno.test("fcosLoss() equals MMDetection's FCOSHead.loss_by_feat, and with distributions the LD repository's", async () => {
  await assertLosses({
    kind: "fcos",
    make: fcosHead,
    anchors: { centerOffset: 0.5 },
    assign: assignFcos,
    losses,
  });
});

Deno.test("fcosLoss() divides by the centre-ness it weighs with, also below 1", async () => {
  // c = √(4/16 · 4/4) = 1/2 = W. A box of half a stride to each side, 8 × 8, lies
  // inside the true one, 20 × 8.
  const box = [-4, -4, 16, 4];
  const expected = [0.25 * 0.25 * Math.LN2, 1 - 64 / 160, Math.LN2];
  for (const numbers of [new Array(4).fill(0.5), new Array(8).fill(0)]) {
    for (
      const [place, { value }] of await lossesOfOne(losses, { box, numbers })
    ) {
      assertClose(value, expected, { relative: 1e-5 }, place);
    }
  }
});

Deno.test("fcosLoss() divides distributions by a centre-ness near 0 too, as it is", async () => {
  // c = √(2e-5/20 · 4/4) = 1e-3 = W. Half a stride to each side, 8 × 8, shares
  // half of itself with the true box, 20 × 8; both fill 24 × 8.
  const box = [-2e-5, -4, 20, 4];
  const numbers = new Array(8).fill(0);
  for (const [place, found] of await lossesOfOne(losses, { box, numbers })) {
    const giou = 1 - 32 / (24 * 8);
    assertClose([found.value[1]], [giou], { relative: 1e-4 }, place);
  }
});

Deno.test("fcosLoss() is finite, gradients included, at logits of ±1e4 and odd boxes, and background learns no box", async () => {
  await assertFinite(losses);
});

Deno.test("fcosLoss() refuses outputs of another input size", () => {
  assertRefusesOtherSize(losses, "FCOS");
});

Deno.test("fcosLoss() is 0 of a batch without images", async () => {
  await assertNothingOfNoImages(losses);
});
