import type { WeightSource } from "./weight_source.ts";

/** Where weights were published, or why they are at no address. */
export type PublishedWeights =
  | { readonly url: string }
  | { readonly url: null; readonly reason: string };

const OPENMMLAB = "https://download.openmmlab.com";

const torchvision = (file: string) => ({
  url: `https://download.pytorch.org/models/${file}`,
});
const thirdParty = (file: string) => ({
  url: `${OPENMMLAB}/pretrain/third_party/${file}`,
});
const mmdetection = (file: string) => ({
  url: `${OPENMMLAB}/mmdetection/v2.0/${file}`,
});
const gflV2: PublishedWeights = {
  url: null,
  reason: "the README of github.com/implus/GFocalV2 links to Google Drive, " +
    "which gives no file by its address",
};
const vocTeacher: PublishedWeights = {
  url: null,
  reason:
    "the LD repository's README links to Baidu Pan, which gives no file " +
    "by its address",
};
const ofTheAuthors = (file: string): PublishedWeights => ({
  url: null,
  reason: `the LD repository's configs name a file of the authors, '${file}'`,
});

/**
 * Where the weights that the published experiments start from or distil from are
 * to be had: backbones by the names that MMDetection's configs have, detectors by
 * their configs' names. `url` is `null` where nobody offers a file, and `reason`
 * says so.
 *
 * @see torchvision `models/resnet.py`; MMEngine 0.10.7 `hub/openmmlab.json`;
 * MMDetection 3.3.0 `configs/gfl/metafile.yml` and `configs/ld/metafile.yml`.
 */
export const PUBLISHED_WEIGHTS: Readonly<Record<string, PublishedWeights>> = {
  // Backbones trained on ImageNet
  "torchvision://resnet18": torchvision("resnet18-f37072fd.pth"),
  "torchvision://resnet34": torchvision("resnet34-b627a593.pth"),
  "torchvision://resnet50": torchvision("resnet50-0676ba61.pth"),
  "torchvision://resnet101": torchvision("resnet101-63fe2227.pth"),
  "open-mmlab://resnext101_32x4d": thirdParty("resnext101_32x4d-a5af3160.pth"),
  "open-mmlab://res2net101_v1d_26w_4s": thirdParty(
    "res2net101_v1d_26w_4s_mmdetv2-f0a600f9.pth",
  ),
  // Of caffe style, for images as BGR with means and no deviations
  "open-mmlab://detectron/resnet50_caffe": thirdParty(
    "resnet50_caffe-788b5fa3.pth",
  ),
  "open-mmlab://detectron/resnet101_caffe": thirdParty(
    "resnet101_caffe-3ad79236.pth",
  ),
  "open-mmlab://detectron2/resnet50_caffe": thirdParty(
    "resnet50_msra-5891d200.pth",
  ),
  "open-mmlab://detectron2/resnet101_caffe": thirdParty(
    "resnet101_msra-6cc46731.pth",
  ),
  // GFL on COCO
  "gfl_r50_fpn_1x_coco": mmdetection(
    "gfl/gfl_r50_fpn_1x_coco/gfl_r50_fpn_1x_coco_20200629_121244-25944287.pth",
  ),
  "gfl_r50_fpn_ms-2x_coco": mmdetection(
    "gfl/gfl_r50_fpn_mstrain_2x_coco/gfl_r50_fpn_mstrain_2x_coco_20200629_213802-37bb1edc.pth",
  ),
  "gfl_r101_fpn_ms-2x_coco": mmdetection(
    "gfl/gfl_r101_fpn_mstrain_2x_coco/gfl_r101_fpn_mstrain_2x_coco_20200629_200126-dd12f847.pth",
  ),
  "gfl_r101-dconv-c3-c5_fpn_ms-2x_coco": mmdetection(
    "gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco_20200630_102002-134b07df.pth",
  ),
  "gfl_x101-32x4d_fpn_ms-2x_coco": mmdetection(
    "gfl/gfl_x101_32x4d_fpn_mstrain_2x_coco/gfl_x101_32x4d_fpn_mstrain_2x_coco_20200630_102002-50c1ffdb.pth",
  ),
  "gfl_x101-32x4d-dconv-c4-c5_fpn_ms-2x_coco": mmdetection(
    "gfl/gfl_x101_32x4d_fpn_dconv_c4-c5_mstrain_2x_coco/gfl_x101_32x4d_fpn_dconv_c4-c5_mstrain_2x_coco_20200630_102002-14a2bf25.pth",
  ),
  // GFL students of LD on COCO
  "ld_r18-gflv1-r101_fpn_1x_coco": mmdetection(
    "ld/ld_r18_gflv1_r101_fpn_coco_1x/ld_r18_gflv1_r101_fpn_coco_1x_20220702_062206-330e6332.pth",
  ),
  "ld_r34-gflv1-r101_fpn_1x_coco": mmdetection(
    "ld/ld_r34_gflv1_r101_fpn_coco_1x/ld_r34_gflv1_r101_fpn_coco_1x_20220630_134007-9bc69413.pth",
  ),
  "ld_r50-gflv1-r101_fpn_1x_coco": mmdetection(
    "ld/ld_r50_gflv1_r101_fpn_coco_1x/ld_r50_gflv1_r101_fpn_coco_1x_20220629_145355-8dc5bad8.pth",
  ),
  "ld_r101-gflv1-r101-dcn_fpn_2x_coco": mmdetection(
    "ld/ld_r101_gflv1_r101dcn_fpn_coco_2x/ld_r101_gflv1_r101dcn_fpn_coco_2x_20220629_185920-9e658426.pth",
  ),
  // Teachers that are at no address
  "gfocal_r101_fpn_ms2x": gflV2,
  "gfocal_r101_dcn_fpn_ms2x": gflV2,
  "gfocal_x101_dcn_fpn_ms2x": gflV2,
  "gfocal_r2n101_dcn_fpn_ms2x": gflV2,
  "gfl_r101_fpn_voc": vocTeacher,
  "gfl_r101-dcn_fpn_voc": vocTeacher,
  "gfl_r18_fpn4x_voc": ofTheAuthors("r18_voc2x.pth"),
  "retinagfl_r101_2x_coco": ofTheAuthors("retina_r101_2x-9233f43c.pth"),
  "fcos_gfl_r101_2x_center": ofTheAuthors("fcos_r101_2x-2a6e5cd4.pth"),
  "atss_gfl_r101_2x": ofTheAuthors("atss_gfl_r101_2x_44.pth"),
};

/**
 * Where published weights are, for {@linkcode findWeights}.
 *
 * @param name As in {@linkcode PUBLISHED_WEIGHTS}.
 * @returns The URL, whose last part carries the hash.
 * @throws {RangeError} If the name is unknown, or the weights are at no address;
 * then it says why, and what to do.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { publishedWeights } from "ldlab/train/published_weights.ts";
 *
 * const url = "https://download.pytorch.org/models/resnet50-0676ba61.pth";
 * assert.deepEqual(publishedWeights("torchvision://resnet50"), { url });
 * assert.throws(() => publishedWeights("gfl_r101_fpn_voc"), /Train it/);
 * ```
 */
export function publishedWeights(name: string): WeightSource {
  if (!Object.hasOwn(PUBLISHED_WEIGHTS, name)) {
    throw new RangeError(
      `Cannot find published weights '${name}': known are ` +
        Object.keys(PUBLISHED_WEIGHTS).join(", "),
    );
  }
  const known = PUBLISHED_WEIGHTS[name];
  if (known.url !== null) return { url: known.url };
  throw new RangeError(
    `Cannot find published weights '${name}': ${known.reason}. Train it ` +
      `first, or give the path of a file that you have`,
  );
}
