/**
 * FCOS on COCO, its boxes as distributions: Table 5.
 *
 * @module
 */
import type { MultiScale } from "../../lib/data/mod.ts";
import { DETECTOR_PRESETS } from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { detector, R101_CAFFE, R50_CAFFE } from "./networks.ts";
import { onVal, type PublishedRuns } from "./published_run.ts";
import { BATCH_16, ON_COCO, ONE_X, trained, TWO_X, within } from "./recipe.ts";

/** Caffe's way with colours; MMDetection's own FCOS warms up at one level. */
const caffeBgr = (train?: MultiScale) => ({
  ...within(train),
  normalisation: "caffeBgr" as const,
});

const student: RunConfig = {
  ...ON_COCO,
  ...detector("fcos", R50_CAFFE),
  input: caffeBgr(),
  optimizer: { ...ON_COCO.optimizer, biases: { rate: 2, decay: 0 } },
  warmup: { iterations: 500, start: 1 / 3 },
  ...BATCH_16,
  ...ONE_X,
};

// Its file's means are 102.9801, 115.9465 and 122.7717; its student shows it
// images less 103.53, 116.28 and 123.675, as here.
const teacher: RunConfig = {
  ...student,
  ...detector("fcos", R101_CAFFE),
  input: caffeBgr({ mode: "value", scales: [[1333, 640], [1333, 800]] }),
  ...TWO_X,
};

// Whether the boxes of the paper's baseline are distributions it does not say.
const results = [
  onVal("Table 5", 38.6, 57.2, 41.5, 22.4, 42.2, 49.8),
  onVal("Table 6, FCOS", 38.6, 57.2, 41.5, 22.4, 42.2, 49.8),
];

/** FCOS's runs. */
export const FCOS: PublishedRuns = {
  "fcos_r50_center_1x": {
    config: { ...student, model: { ...student.model, regMax: null } },
    source: "LD configs/gfl/fcos_gfl_r50_center.py with plain boxes",
    results,
  },
  "fcos_gfl_r50_center": {
    config: student,
    source: "LD configs/gfl/fcos_gfl_r50_center.py",
    results,
  },
  "fcos_gfl_r101_2x_center": {
    config: teacher,
    source: "LD configs/gfl/fcos_gfl_r101_2x_center.py",
    results: [],
  },
  "ld_r50_fcos_r101_1x": {
    config: {
      ...student,
      terms: DETECTOR_PRESETS.fcos.terms,
      teacher: trained(teacher),
    },
    source: "LD configs/ld/ld_r50_fcos_r101_1x.py",
    results: [onVal("Table 5", 40.6, 58.4, 44.1, 24.3, 44.1, 52.3)],
  },
};
