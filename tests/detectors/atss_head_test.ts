import { atssHead } from "ldlab/detectors/atss_head.ts";
import { assertOutputs, assertStart } from "./golden_heads.ts";

Deno.test("atssHead() gives the outputs of MMDetection's ATSSHead, plain and with distributions", async () => {
  await assertOutputs("atss", atssHead);
});

Deno.test("atssHead() starts with the reference's names, shapes and values", async () => {
  await assertStart("atss", atssHead);
});
