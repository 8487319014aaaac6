import { retinaHead } from "ldlab/detectors/retina_head.ts";
import { assertOutputs, assertStart } from "./golden_heads.ts";

Deno.test("retinaHead() gives the outputs of MMDetection's RetinaHead, plain and with distributions", async () => {
  await assertOutputs("retina", retinaHead);
});

Deno.test("retinaHead() starts with the reference's names, shapes and values", async () => {
  await assertStart("retina", retinaHead);
});
