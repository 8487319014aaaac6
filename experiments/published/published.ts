import { nearestName } from "../../lib/data/nearest_name.ts";
import { ATSS } from "./atss.ts";
import { FCOS } from "./fcos.ts";
import { GFL } from "./gfl.ts";
import { GFL_LD, GFL_LD_2021 } from "./gfl_ld.ts";
import { GFL_V2 } from "./gfl_v2.ts";
import { GFL_V2_LD, GFL_V2_LD_2021 } from "./gfl_v2_ld.ts";
import type { PublishedRun, PublishedRuns } from "./published_run.ts";
import { RETINA } from "./retina.ts";
import { SELF_LD } from "./self_ld.ts";
import { ON_PASCAL_VOC } from "./voc.ts";

/** All by name: GFL, GFLv2, the other detectors, Pascal VOC. */
const RUNS: PublishedRuns = {
  ...GFL,
  ...GFL_LD,
  ...GFL_LD_2021,
  ...SELF_LD,
  ...GFL_V2,
  ...GFL_V2_LD,
  ...GFL_V2_LD_2021,
  ...RETINA,
  ...FCOS,
  ...ATSS,
  ...ON_PASCAL_VOC,
};

/** The names of the published runs, teachers and baselines included. */
export function publishedNames(): readonly string[] {
  return Object.keys(RUNS);
}

/**
 * A run as it was published: same network, data, schedule, batch and terms. Its
 * name is that of the released file, without `configs/` and `.py`, where there
 * is one.
 *
 * @param name One of {@linkcode publishedNames}.
 * @returns The run's config, where it comes from, and what was published of it.
 * @throws {RangeError} If there is no such run, with the nearest name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { publishedConfig } from "./published.ts";
 * const { config, results } = publishedConfig("ld_r18_gflv1_r101_fpn_coco_1x");
 * assert.equal(config.batchSize, 6);
 * assert.equal(results[0].metrics.ap, 37.5);
 * ```
 */
export function publishedConfig(name: string): PublishedRun {
  if (Object.hasOwn(RUNS, name)) return RUNS[name];
  const nearest = nearestName(name, publishedNames());
  throw new RangeError(
    `Cannot find the published run '${name}': ` +
      (nearest === undefined
        ? `there are ${publishedNames().join(", ")}`
        : `did you mean '${nearest}'?`),
  );
}
