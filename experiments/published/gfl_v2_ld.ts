/**
 * GFLv2 students on COCO with localization distillation: Table 6, and the 2021
 * version, which distils on the main region only.
 *
 * @module
 */
import {
  MULTI_SCALE_480_800,
  MULTI_SCALE_480_960,
  SINGLE_SCALE,
} from "../../lib/data/mod.ts";
import {
  type DistillTerms,
  IMITATION,
  PRESETS,
} from "../../lib/distill/mod.ts";
import type { RunConfig } from "../config.ts";
import { GFL_V2 } from "./gfl_v2.ts";
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
  type PublishedRuns,
} from "./published_run.ts";
import {
  BATCH_16,
  BATCH_6,
  ON_COCO,
  ONE_X,
  trained,
  TWO_X,
  within,
} from "./recipe.ts";

const README = "LD README of 2021, GFocalV2";

/** GFLv2 teachers, each a run of its own. */
const R101_TEACHER = "gflv2_r101_fpn_2x_coco";
const R101_DCN_TEACHER = "gfocal_r101_dcn_fpn_ms2x";
const R2N_TEACHER = "gfocal_r2n101_dcn_fpn_ms2x";

const student = (
  network: Network,
  teacher: string,
  terms: DistillTerms,
  scales = MULTI_SCALE_480_960,
): RunConfig => ({
  ...ON_COCO,
  ...detector("gflV2", network),
  input: within(scales),
  ...BATCH_16,
  ...TWO_X,
  terms,
  teacher: trained(GFL_V2[teacher].config),
});

/**
 * The terms of the head `IMv2Head`: those of `cvpr2022`, for a quarter of LD
 * over 4 is as much as LD over 16, with another weight of KD, and GI imitation
 * on all levels. GI compares the heads' logits there, here their scores.
 */
const im = (kd: number, imitation: number): DistillTerms => {
  const { terms } = PRESETS.cvpr2022;
  return {
    ...terms,
    vlrLd: { ...terms.vlrLd, weight: 0.25 * 0.25, dividedBy: 4 },
    kd: { ...terms.kd, weight: kd },
    imitation: {
      ...IMITATION.gi.imitation,
      weight: imitation,
      emptyLevels: "kept",
    },
  };
};

/** That head computes DFL as 0, though the files give it 0.25. */
const NO_DFL = { detectorLosses: { dfl: 0 } };

/**
 * The runs of the paper. Its text gives 8 × 2 images and 0.01; whether Table 6
 * has the imitation of the files it does not say.
 */
export const GFL_V2_LD: PublishedRuns = {
  "ld_r50_gflv2_r101_fpn_1x": {
    config: {
      ...student(
        R50,
        R101_TEACHER,
        { ...PRESETS.cvpr2022.terms, ...IMITATION.gi },
        SINGLE_SCALE,
      ),
      ...BATCH_6,
      ...ONE_X,
    },
    source: "LD configs/ldv2/ld_r50_gflv2_r101_fpn_1x.py",
    results: [onVal("Table 6", 42.7, 60.2, 46.7, 25.0, 46.4, 55.1)],
  },
  "im_r50_gflv2_r101_1x": {
    config: {
      ...student(R50, R101_TEACHER, im(10, 2), SINGLE_SCALE),
      ...NO_DFL,
      ...ONE_X,
    },
    source: "LD configs/im/im_r50_gflv2_r101_1x.py",
    results: [onVal("Table 6", 42.7, 60.2, 46.7, 25.0, 46.4, 55.1)],
  },
  "im_r101_gflv2_r101_dcn_2x": {
    config: { ...student(R101, R101_DCN_TEACHER, im(5, 2)), ...NO_DFL },
    source: "LD configs/imv2/im_r101_gflv2_r101_dcn_2x.py",
    results: [onTestDev("Table 6", 47.1, 65.0, 51.4, 28.3, 50.9, 58.5)],
  },
  // 480 to 800, where the other files of the folder go to 960.
  "im_r101_gflv2_r2n101_dcn_2x": {
    config: {
      ...student(R101, R2N_TEACHER, im(10, 2), MULTI_SCALE_480_800),
      ...NO_DFL,
    },
    source: "LD configs/imv2/im_r101_gflv2_r2n101_dcn_2x.py",
    results: [],
  },
  "im_gflv2_x101-32x4dr2n101_dcn_2x": {
    config: { ...student(X101_DCN, R2N_TEACHER, im(5, 1)), ...NO_DFL },
    source: "LD configs/imv2/im_gflv2_x101-32x4dr2n101_dcn_2x.py",
    results: [onTestDev("Table 6", 50.5, 69.0, 55.3, 30.9, 54.4, 63.4)],
  },
  "im_gflv2_r2n101_dcn_self-2x": {
    config: { ...student(R2N101_DCN, R2N_TEACHER, im(5, 2)), ...NO_DFL },
    source: "LD configs/imv2/im_gflv2_r2n101_dcn_self-2x.py",
    results: [],
  },
};

const of2021 = (
  network: Network,
  teacher: string,
  source: string,
  ...results: readonly PublishedResult[]
) => ({
  config: student(network, teacher, PRESETS.ld2021.terms),
  source,
  results,
});

const fileOf2021 = (name: string) => `LD configs/ld/${name}.py of 2021`;

/** The runs of the version of 2021: main LD, 24 epochs. */
export const GFL_V2_LD_2021: PublishedRuns = {
  "ld_gflv2_r101_r50_fpn_coco_2x": of2021(
    R50,
    R101_TEACHER,
    "LD README of 2021; its file is for 12 epochs and batch 6",
    onTestDev(README, 44.8, 62.4, 49.0),
  ),
  "ld_gflv2_r101dcn_r101_fpn_coco_2x": of2021(
    R101,
    R101_DCN_TEACHER,
    fileOf2021("ld_gflv2_r101dcn_r101_fpn_coco_2x"),
    onTestDev(README, 46.8, 64.5, 51.1),
  ),
  "ld_gflv2_r2n_r101dcn_fpn_coco_2x": of2021(
    R101_DCN,
    R2N_TEACHER,
    fileOf2021("ld_gflv2_r2n_r101dcn_fpn_coco_2x"),
    onTestDev(README, 49.1, 67.1, 53.7),
  ),
  "ld_gflv2_r2n_x101_fpn_coco_2x": of2021(
    X101_DCN,
    R2N_TEACHER,
    fileOf2021("ld_gflv2_r2n_x101_fpn_coco_2x"),
    onTestDev(README, 50.2, 68.3, 54.9),
  ),
  "ld_gflv2_r2n_r2n_fpn_coco_2x": of2021(
    R2N101_DCN,
    R2N_TEACHER,
    fileOf2021("ld_gflv2_r2n_r2n_fpn_coco_2x"),
    onTestDev(README, 51.0, 69.1, 55.9),
  ),
};
