import assert from "node:assert/strict";
import { createDetector } from "ldlab/detectors/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { canonicalJson, type Json } from "ldlab/train/mod.ts";
import {
  publishedConfig,
  publishedNames,
} from "../../../experiments/published/mod.ts";

// MMDetection 3.3.0, parameters of its configs as built by its registry, all and
// those that learn; R2-101 with its stages and R-18 with its channels in GFL's.
// Distributions have 64 outputs more for each anchor, of 2304 weights and a bias;
// GFLv2 has 20 · 64 + 64 and 64 + 1 more; the towers of LD's FCOS have no biases.
const DISTRIBUTION = 64 * 2305;
const TOWERS = 8 * 256;
const PARAMETERS: Readonly<Record<string, readonly [number, number]>> = {
  "gfl_r50_fpn_1x_coco": [32440537, 32215193],
  "gfl_r101_fpn_ms-2x_coco": [51432665, 51207321],
  "gfl_r101-dconv-c3-c5_fpn_ms-2x_coco": [52718837, 52493493],
  "gfl_x101_dcn_fpn_1x_coco": [53467053, 53251693],
  "gfocal_r2n101_dcn_fpn_ms2x": [53576605 + 1409, 53333781 + 1409],
  "atss_r50_fpn_1x_coco": [32295322, 32069978],
  "atss_gfl_r50_1x": [32295322 + DISTRIBUTION, 32069978 + DISTRIBUTION],
  "fcos_r50_center_1x": [32295322 + TOWERS, 32019802 + TOWERS],
  "fcos_gfl_r50_center": [32295322 + DISTRIBUTION, 32019802 + DISTRIBUTION],
  "retinanet_r50_fpn_1x_coco": [37968692, 37743348],
  "retinagfl_r50_1x_coco": [
    37968692 + 9 * DISTRIBUTION,
    37743348 + 9 * DISTRIBUTION,
  ],
};

Deno.test("publishedConfig() builds every network in full, with MMDetection's parameters", async () => {
  await openEngine();
  const counts = new Map<string, readonly [number, number]>();
  for (const name of publishedNames()) {
    const { model } = publishedConfig(name).config;
    const key = canonicalJson(model as unknown as Json);
    if (!counts.has(key)) {
      const { parameters, buffers, dispose } = createDetector(model, {
        seed: null,
      });
      const learnt = [...parameters].reduce(
        (sum, [, { size }]) => sum + size,
        0,
      );
      const frozen = [...buffers]
        .filter(([name]) => !/running_(mean|var)$/.test(name))
        .reduce((sum, [, { size }]) => sum + size, 0);
      counts.set(key, [learnt + frozen, learnt]);
      dispose();
    }
    if (name in PARAMETERS) {
      assert.deepEqual(counts.get(key), PARAMETERS[name], name);
    }
  }
});
