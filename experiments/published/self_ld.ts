/**
 * Self-LD and teacher assistants on COCO, of the version of 2021: the teacher is
 * a trained detector, the student starts from ImageNet's backbone.
 *
 * @module
 */
import { PRESETS } from "../../lib/distill/mod.ts";
import { selfDistillation } from "../self_distillation.ts";
import { GFL, gflTeacher } from "./gfl.ts";
import { GFL_LD_2021 } from "./gfl_ld.ts";
import { onVal, type PublishedRuns } from "./published_run.ts";
import { trained } from "./recipe.ts";

const README = "LD README of 2021, Self-LD";

const self = (name: string) =>
  selfDistillation(GFL[name].config, PRESETS.ld2021);

const r50 = self("gfl_r50_fpn_1x_coco");
const assistant = GFL_LD_2021["ld_gflv1_r101_r34_fpn_coco_1x"].config;

/** The runs that learn from themselves, or over an assistant. */
export const SELF_LD: PublishedRuns = {
  "self_ld_gflv1_r18_fpn_coco_1x": {
    config: self("gfl_r18_fpn_1x_coco"),
    source: "LD README of 2021, without a file",
    results: [onVal(README, 36.1, 52.9, 38.5)],
  },
  // An author says in HikariTJU/LD#23 that the teacher is the run without distillation.
  "self_ld_gflv1_r50_fpn_coco_1x": {
    config: r50,
    source: "LD README of 2021, without a file",
    results: [onVal(README, 40.6, 58.2, 43.8)],
  },
  // The released file's teacher was trained twice as long, at many scales, and
  // has 42.9. Which of the two gave 40.6 is not known.
  "r50_r50_1x": {
    config: { ...r50, teacher: gflTeacher("gfl_r50_fpn_ms-2x_coco") },
    source: "LD configs/gfl/r50_r50_1x.py of January 2021",
    results: [onVal(README, 40.6, 58.2, 43.8)],
  },
  "self_ld_gflv1_x101_dcn_fpn_coco_1x": {
    config: self("gfl_x101_dcn_fpn_1x_coco"),
    source: "LD README of 2021, without a file",
    results: [onVal(README, 47.5, 65.8, 51.8)],
  },
  // R-101 teaches R-34, which teaches R-18. No number of it was published; the
  // assistant's file is called 39.9.
  "ta_r101_34": {
    config: assistant,
    source: "the assistant of LD configs/gfl/ta_34_18.py of January 2021",
    results: [],
  },
  "ta_34_18": {
    config: {
      ...GFL_LD_2021["ld_gflv1_r101_r18_fpn_coco_1x"].config,
      teacher: trained(assistant),
    },
    source: "LD configs/gfl/ta_34_18.py of January 2021",
    results: [],
  },
};
