import { fcosHead } from "ldlab/detectors/fcos_head.ts";
import { assertOutputs, assertStart } from "./golden_heads.ts";

Deno.test("fcosHead() gives the outputs of MMDetection's FCOSHead, plain and with distributions", async () => {
  await assertOutputs("fcos", fcosHead);
});

Deno.test("fcosHead() starts with the reference's names, shapes and values", async () => {
  await assertStart("fcos", fcosHead);
});
