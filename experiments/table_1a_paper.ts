/**
 * Table 1a as published, by τ (`null` without LD): AP, AP50, AP75, APS, APM, APL
 * on COCO val2017, of a GFL R50 that learns from a GFL R101 by LD on the main
 * region.
 *
 * Source: Zheng et al., Localization Distillation for Dense Object Detection,
 * CVPR 2022, Table 1a.
 */
export const PAPER_TABLE_1A: ReadonlyMap<number | null, readonly number[]> =
  new Map<number | null, readonly number[]>([
    [null, [40.1, 58.2, 43.1, 23.3, 44.4, 52.5]],
    [1, [40.3, 58.2, 43.4, 22.4, 44.0, 52.4]],
    [5, [40.9, 58.2, 44.3, 23.2, 45.0, 53.2]],
    [10, [41.1, 58.7, 44.9, 23.8, 44.9, 53.6]],
    [15, [40.7, 58.5, 44.2, 23.5, 44.3, 53.3]],
    [20, [40.5, 58.3, 43.7, 23.8, 44.1, 53.5]],
  ]);
