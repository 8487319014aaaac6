/**
 * ATSS on COCO, its boxes as distributions: Table 5.
 *
 * @module
 */
import { MULTI_SCALE_480_800 } from "../../lib/data/mod.ts";
import { DETECTOR_PRESETS } from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { detector, R101, R50 } from "./networks.ts";
import { onVal, type PublishedRuns } from "./published_run.ts";
import {
  BATCH_16,
  BATCH_4,
  ON_COCO,
  ONE_X,
  trained,
  TWO_X,
  within,
} from "./recipe.ts";

const student: RunConfig = {
  ...ON_COCO,
  ...detector("atss", R50),
  ...BATCH_16,
  ...ONE_X,
};

/** The rate of its file and of the baseline's is 0.0025, LD's 0.01. */
const teacher: RunConfig = {
  ...student,
  ...detector("atss", R101),
  input: within(MULTI_SCALE_480_800),
  ...BATCH_4,
  ...TWO_X,
};

// Whether the boxes of the paper's baseline are distributions it does not say.
const results = [
  onVal("Table 5", 39.2, 57.3, 42.4, 22.7, 43.1, 51.5),
  onVal("Table 6, ATSS", 39.2, 57.3, 42.4, 22.7, 43.1, 51.5),
];

/** ATSS's runs. */
export const ATSS: PublishedRuns = {
  "atss_r50_fpn_1x_coco": {
    config: { ...student, model: { ...student.model, regMax: null } },
    source: "MMDetection configs/atss/atss_r50_fpn_1x_coco.py",
    results,
  },
  "atss_gfl_r50_1x": {
    config: { ...student, ...BATCH_4 },
    source: "LD configs/gfl/atss_gfl_r50_1x.py",
    results,
  },
  "atss_gfl_r101_2x": {
    config: teacher,
    source: "LD configs/gfl/atss_gfl_r101_2x.py",
    results: [],
  },
  "ld_r50_atss_r101_1x": {
    config: {
      ...student,
      terms: DETECTOR_PRESETS.atss.terms,
      teacher: trained(teacher),
    },
    source: "LD configs/ld/ld_r50_atss_r101_1x.py",
    results: [onVal("Table 5", 41.6, 59.3, 45.3, 25.2, 45.2, 53.3)],
  },
};
