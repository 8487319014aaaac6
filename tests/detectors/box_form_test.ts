import assert from "node:assert/strict";
import { boxFormOf } from "ldlab/detectors/box_form.ts";
import { DETECTOR_KINDS } from "ldlab/detectors/detector_config.ts";

Deno.test("boxFormOf() reads distributions wherever a side has bins", () => {
  for (const kind of DETECTOR_KINDS) {
    assert.deepEqual(boxFormOf(kind, 2), { kind: "distributions" });
  }
});

Deno.test("boxFormOf() refuses plain boxes of detectors that have none", () => {
  for (const kind of ["gfl", "gflV2"] as const) {
    assert.throws(() => boxFormOf(kind, 1), {
      name: "TypeError",
      message:
        `Cannot read the boxes of ${kind}: they are distributions, box ` +
        "logits must be [..., 4, n] with n above 1: current n is 1",
    });
  }
});
