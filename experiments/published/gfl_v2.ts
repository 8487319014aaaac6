/**
 * GFLv2 on COCO: the teachers and the students without distillation, all on 8
 * GPUs. GFLv2's authors give R-101's teachers at no address: they are trained.
 *
 * @module
 */
import {
  MULTI_SCALE_480_800,
  MULTI_SCALE_480_960,
} from "../../lib/data/mod.ts";
import {
  detector,
  type Network,
  R101,
  R101_DCN,
  R2N101_DCN,
  R50,
  X101_DCN,
} from "./networks.ts";
import {
  onTestDev,
  onVal,
  type PublishedResult,
  type PublishedRun,
  type PublishedRuns,
} from "./published_run.ts";
import { BATCH_16, ON_COCO, ONE_X, TWO_X, within } from "./recipe.ts";

const README = "LD README of 2021, GFocalV2";

const ms2x = (
  network: Network,
  file: string,
  ...results: readonly PublishedResult[]
): PublishedRun => ({
  config: {
    ...ON_COCO,
    ...detector("gflV2", network),
    input: within(MULTI_SCALE_480_960),
    ...BATCH_16,
    ...TWO_X,
  },
  source: `GFocalV2 configs/gfocal/${file}.py`,
  results,
});

const r101 = ms2x(
  R101,
  "gfocal_r101_fpn_ms2x",
  onVal("GFocalV2", 45.8),
  onTestDev("Table 6, GFocalV2", 46.0, 64.1, 50.2, 27.6, 49.6, 56.5),
  onTestDev(README, 46.0, 64.1, 50.2),
);

/** GFLv2's runs without a teacher. */
export const GFL_V2: PublishedRuns = {
  "gflv2_r50_fpn_1x_coco": {
    config: {
      ...ON_COCO,
      ...detector("gflV2", R50),
      ...BATCH_16,
      ...ONE_X,
    },
    source: "LD configs/gfl/gflv2_r50_fpn_1x_coco.py",
    results: [
      onVal("Table 6, GFocalV2", 41.1, 58.8, 44.9, 23.5, 44.9, 53.3),
    ],
  },
  "gfocal_r50_fpn_ms2x": ms2x(
    R50,
    "gfocal_r50_fpn_ms2x",
    onVal("GFocalV2", 43.9),
    onTestDev(README, 44.4, 62.3, 48.5),
  ),
  // The LD repository's file stops at 800 where GFLv2's goes to 960; the
  // weights it names are GFLv2's.
  "gflv2_r101_fpn_2x_coco": {
    config: { ...r101.config, input: within(MULTI_SCALE_480_800) },
    source: "LD configs/gfl/gflv2_r101_fpn_2x_coco.py",
    results: [],
  },
  "gfocal_r101_fpn_ms2x": r101,
  "gfocal_r101_dcn_fpn_ms2x": ms2x(
    R101_DCN,
    "gfocal_r101_dcn_fpn_ms2x",
    onVal("GFocalV2", 48.0),
    onTestDev(README, 48.2, 66.6, 52.6),
  ),
  "gfocal_x101_dcn_fpn_ms2x": ms2x(
    X101_DCN,
    "gfocal_x101_dcn_fpn_ms2x",
    onVal("GFocalV2", 48.8),
    onTestDev("Table 6, GFocalV2", 49.0, 67.6, 53.4, 29.8, 52.3, 61.8),
    onTestDev(README, 49.0, 67.6, 53.4),
  ),
  "gfocal_r2n101_dcn_fpn_ms2x": ms2x(
    R2N101_DCN,
    "gfocal_r2n101_dcn_fpn_ms2x",
    onVal("GFocalV2", 49.9),
    onTestDev(README, 50.5, 68.9, 55.1),
  ),
};
