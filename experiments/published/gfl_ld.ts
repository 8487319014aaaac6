/**
 * GFL students on COCO with localization distillation: as released with the
 * paper of CVPR 2022 (`ld_…`, `ours_…`), and with the 2021 version, which
 * distils on the main region only.
 *
 * @module
 */
import { MULTI_SCALE_480_800 } from "../../lib/data/mod.ts";
import {
  type DistillTerms,
  IMITATION,
  PRESETS,
} from "../../lib/distill/mod.ts";
import type { RunConfig, TeacherWeights } from "../config.ts";
import { gflTeacher } from "./gfl.ts";
import { detector, type Network, R101, R18, R34, R50 } from "./networks.ts";
import {
  onTestDev,
  onVal,
  type PublishedResult,
  type PublishedRuns,
} from "./published_run.ts";
import {
  BATCH_16,
  BATCH_4,
  BATCH_6,
  ON_COCO,
  ONE_X,
  TWO_X,
  within,
} from "./recipe.ts";

const README = "LD README of 2021, GFocalV1";
const MMDET = "MMDetection configs/ld";

const FROM_R101 = gflTeacher("gfl_r101_fpn_ms-2x_coco");
const FROM_R101_DCN = gflTeacher("gfl_r101-dconv-c3-c5_fpn_ms-2x_coco");

const student = (
  network: Network,
  terms: DistillTerms,
  teacher: TeacherWeights = FROM_R101,
): RunConfig => ({
  ...ON_COCO,
  ...detector("gfl", network),
  ...BATCH_6,
  ...ONE_X,
  terms,
  teacher,
});

/** 24 epochs at the teacher's scales. */
const r101 = (terms: DistillTerms): RunConfig => ({
  ...student(R101, terms, FROM_R101_DCN),
  input: within(MULTI_SCALE_480_800),
  ...TWO_X,
});

const { ld2021: { terms: main }, cvpr2022: { terms: ours } } = PRESETS;

/** The runs of the paper. */
export const GFL_LD: PublishedRuns = {
  // Only LD is written in the file; VLR LD and KD are the head's defaults. An
  // author says in HikariTJU/LD#44 that R-18 is main LD only: the code says otherwise.
  "ld_r18_gflv1_r101_fpn_coco_1x": {
    config: student(R18, ours),
    source: "LD configs/ld/ld_r18_gflv1_r101_fpn_coco_1x.py",
    results: [onVal("Table 4", 37.5, 54.7, 40.4, 20.2, 41.2, 49.4)],
  },
  "ld_r34_gflv1_r101_fpn_coco_1x": {
    config: student(R34, ours),
    source: "LD configs/ld/ld_r34_gflv1_r101_fpn_coco_1x.py",
    results: [onVal("Table 4", 41.0, 58.6, 44.6, 23.2, 45.0, 54.2)],
  },
  // As shipped: with fine-grained imitation.
  "ld_r50_gflv1_r101_fpn_coco_1x": {
    config: {
      ...student(R50, { ...ours, ...IMITATION.fineGrained }),
      ...BATCH_4,
    },
    source: "LD configs/ld/ld_r50_gflv1_r101_fpn_coco_1x.py",
    results: [
      onVal("Table 3, + Fine-Grained", 42.4, 60.3, 45.9, 24.7, 46.5, 55.4),
    ],
  },
  "ours_r50_gflv1_r101_fpn_coco_1x": {
    config: { ...student(R50, ours), ...BATCH_4 },
    source: "LD configs/ld/ld_r50_gflv1_r101_fpn_coco_1x.py, no imitation",
    results: [onVal("Table 4", 42.1, 60.3, 45.6, 24.5, 46.2, 54.8)],
  },
  "ld_r101_gflv1_r101dcn_fpn_coco_2x": {
    config: r101(ours),
    source: "LD configs/ld/ld_r101_gflv1_r101dcn_fpn_coco_2x.py",
    results: [],
  },
};

const of2021 = (
  config: RunConfig,
  file: string,
  ...results: readonly PublishedResult[]
) => ({ config, source: `LD configs/ld/${file}.py of 2021`, results });

/** MMDetection trained them anew on 8 GPUs. */
const retrained = (config: RunConfig, file: string, ap: number) => ({
  config: { ...config, ...BATCH_16 },
  source: `${MMDET}/${file}.py`,
  results: [onVal(MMDET, ap)],
});

/** The runs of the version of 2021: main LD. */
export const GFL_LD_2021: PublishedRuns = {
  "ld_gflv1_r101_r18_fpn_coco_1x": of2021(
    student(R18, main),
    "ld_gflv1_r101_r18_fpn_coco_1x",
    onVal(README, 36.5, 52.9, 39.3),
    onTestDev(README, 36.8, 53.5, 39.9),
  ),
  "ld_gflv1_r101_r34_fpn_coco_1x": of2021(
    student(R34, main),
    "ld_gflv1_r101_r34_fpn_coco_1x",
    onVal(README, 39.8, 56.6, 43.1),
    onTestDev(README, 40.0, 57.1, 43.5),
  ),
  "ld_gflv1_r101_r50_fpn_coco_1x": of2021(
    student(R50, main),
    "ld_gflv1_r101_r50_fpn_coco_1x",
    onVal(README, 41.1, 58.7, 44.9),
    onTestDev(README, 41.2, 58.8, 44.7),
  ),
  "ld_gflv1_r101dcn_r101_fpn_coco_2x": of2021(
    r101(main),
    "ld_gflv1_r101dcn_r101_fpn_coco_2x",
    onVal(README, 45.4, 63.1, 49.5),
    onTestDev(README, 45.6, 63.7, 49.8),
  ),
  "ld_r18-gflv1-r101_fpn_1x_coco": retrained(
    student(R18, main),
    "ld_r18-gflv1-r101_fpn_1x_coco",
    36.5,
  ),
  "ld_r34-gflv1-r101_fpn_1x_coco": retrained(
    student(R34, main),
    "ld_r34-gflv1-r101_fpn_1x_coco",
    39.9,
  ),
  "ld_r50-gflv1-r101_fpn_1x_coco": retrained(
    student(R50, main),
    "ld_r50-gflv1-r101_fpn_1x_coco",
    41.0,
  ),
  "ld_r101-gflv1-r101-dcn_fpn_2x_coco": retrained(
    r101(main),
    "ld_r101-gflv1-r101-dcn_fpn_2x_coco",
    45.5,
  ),
};
