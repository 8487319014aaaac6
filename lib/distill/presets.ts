import { FGD_SETTINGS } from "../losses/fgd_settings.ts";
import type { DistillSettings } from "./terms.ts";

const MAIN = { kind: "main" } as const;

/** Main KD of the released heads of GFL, ATSS and FCOS. */
const KD = { loss: "kd", region: MAIN, weight: 10, temperature: 2 } as const;

/** As equations 2 to 5 stand: no τ², no mean over bins, all locations alike. */
const AS_WRITTEN = {
  temperatureFactor: "none",
  weightedBy: "mask",
  dividedBy: 1,
  normalizedBy: "count",
} as const;

/** V of algorithm 1. */
const VLR_AS_WRITTEN = {
  kind: "vlr",
  measure: "diou",
  weight: "mask",
  upper: "closed",
  positives: "removed",
} as const;

/**
 * The variants of localization distillation, as data; `describeTerms` prints
 * them.
 *
 * - `ld2021`: localization distillation on the main region, which is what
 *   MMDetection ships (version 1 of the paper).
 * - `cvpr2022`: localization distillation on both regions and classification
 *   distillation on the main one, the released code's defaults. It multiplies
 *   classification distillation on the valuable localization region by 0; here
 *   that term is absent.
 * - `paper`: the same three terms as the text defines them. The divergences are
 *   as written, without τ² and without a mean over bins or classes; the masks are
 *   binary; V is found by DIoU, its upper end closed, and holds no positives. The
 *   weights are "the same according to their types": those of GIoU, 2, for LD,
 *   and of QFL, 1, for KD. The fourth term of equation 5, KD on V, is off as in
 *   the rows called "Ours"; `{ ...kd, region: vlrLd.region }` is it. The text
 *   leaves open how the terms are normalised and the temperature of KD: the mean
 *   over a region's locations and 2 are our choice.
 *
 * @see Zheng et al., "Localization Distillation for Dense Object Detection",
 * CVPR 2022, section 3 and table 2; HikariTJU/LD `LDHead` at 4287990c.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 *
 * // An ablation's row is a difference from a preset.
 * const { ld, kd } = PRESETS.cvpr2022.terms;
 * const softer = { ...PRESETS.cvpr2022.terms, ld: { ...ld, temperature: 20 } };
 * assert.deepEqual(softer.kd, kd);
 * ```
 */
export const PRESETS = {
  ld2021: {
    terms: { ld: { loss: "ld", region: MAIN, weight: 0.25, temperature: 10 } },
  },
  cvpr2022: {
    terms: {
      ld: { loss: "ld", region: MAIN, weight: 0.25, temperature: 10 },
      vlrLd: {
        loss: "ld",
        region: { kind: "vlr" },
        weight: 0.25,
        temperature: 10,
      },
      kd: KD,
    },
  },
  paper: {
    terms: {
      ld: {
        loss: "ld",
        region: MAIN,
        weight: 2,
        temperature: 10,
        bins: "sum",
        ...AS_WRITTEN,
      },
      vlrLd: {
        loss: "ld",
        region: VLR_AS_WRITTEN,
        weight: 2,
        temperature: 10,
        bins: "sum",
        ...AS_WRITTEN,
      },
      kd: {
        loss: "kd",
        region: MAIN,
        weight: 1,
        temperature: 2,
        classes: "sum",
        ...AS_WRITTEN,
      },
    },
  },
} as const satisfies Record<string, DistillSettings>;

/**
 * The released terms for other detectors, whose boxes are distributions too.
 *
 * - `retina`: the softmax of LD runs over the bins of all four sides together,
 *   with weight 5; V is RetinaNet's own, with 0.03 of that weight.
 * - `atss`: V with 0.15 of LD's weight.
 * - `fcos`: V is the background inside boxes, weighted by score, with 0.25 of
 *   LD's weight.
 *
 * All divide LD on V by 4, where GFL's head divides by 16.
 *
 * @see HikariTJU/LD at 4287990c: `LDRetinaHead`, `LDATSSHead`, `LDFCOSHead` and
 * `configs/ld`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DETECTOR_PRESETS } from "ldlab/distill/presets.ts";
 *
 * assert.equal(DETECTOR_PRESETS.retina.terms.ld.edges, "joint");
 * ```
 */
export const DETECTOR_PRESETS = {
  retina: {
    terms: {
      ld: {
        loss: "ld",
        region: MAIN,
        weight: 5,
        temperature: 10,
        edges: "joint",
      },
      vlrLd: {
        loss: "ld",
        region: { kind: "retinaVlr" },
        weight: 0.03 * 5,
        temperature: 10,
        edges: "joint",
      },
      kd: { ...KD, temperature: 8 },
    },
  },
  atss: {
    terms: {
      ld: PRESETS.ld2021.terms.ld,
      vlrLd: {
        loss: "ld",
        region: { kind: "vlr" },
        weight: 0.15 * 0.25,
        temperature: 10,
        dividedBy: 4,
      },
      kd: KD,
    },
  },
  fcos: {
    terms: {
      ld: PRESETS.ld2021.terms.ld,
      vlrLd: {
        loss: "ld",
        region: { kind: "fcosVlr" },
        weight: 0.25 * 0.25,
        temperature: 10,
        weightedBy: "score",
      },
      kd: KD,
    },
  },
} as const satisfies Record<string, DistillSettings>;

/** The released imitation loss and its weight. */
const IMITATE = { loss: "imitation", weight: 2 } as const;

/** DeFeat's own imitation loss. */
const DEFEAT = {
  loss: "imitation",
  adaptation: "1x1",
  emptyLevels: "kept",
} as const;

/**
 * The feature imitations of table 3, each as terms to be spread into others. All
 * but `deFeatOriginal` have the released weight 2 and no adaptation layer, as
 * released.
 *
 * - `fitNets`: whole maps, as the text says, without what lies beyond an image's
 *   own padding in a batch, but for FCOS, whose points all take part. What the
 *   released code calls "fitnet" is `insideGtBox`.
 * - `insideGtBox`: locations inside boxes, on every level.
 * - `mainRegion`: the positives; the released code has no switch for it.
 * - `fineGrained`: anchors near objects. The released config of a ResNet-50
 *   student for COCO has it beside `cvpr2022`, so it is "Ours + Fine-Grained".
 * - `deFeat`: inside boxes, and outside with twice the weight. The released
 *   "decouple" is meant so, but pairs the student's background with the teacher's
 *   foreground and fails; this is it repaired.
 * - `deFeatOriginal`: as DeFeat's authors released it for the neck: a box counts
 *   on one level, the student is adapted, weights 3 inside and 12 outside of
 *   half the mean over five levels.
 * - `gi`: where student and teacher differ most, as released: boxes of all
 *   images suppress each other.
 *
 * @see Zheng et al., CVPR 2022, table 3; HikariTJU/LD `LDHead` at 4287990c;
 * ggjy/DeFeat.pytorch at c46a793d.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { IMITATION, PRESETS } from "ldlab/distill/presets.ts";
 *
 * const terms = { ...PRESETS.cvpr2022.terms, ...IMITATION.gi }; // "Ours + GI"
 * assert.deepEqual(Object.keys(terms), ["ld", "vlrLd", "kd", "imitation"]);
 * ```
 */
export const IMITATION = {
  fitNets: { imitation: { ...IMITATE, region: { kind: "all" } } },
  insideGtBox: { imitation: { ...IMITATE, region: { kind: "gtBox" } } },
  mainRegion: { imitation: { ...IMITATE, region: MAIN } },
  fineGrained: { imitation: { ...IMITATE, region: { kind: "fineGrained" } } },
  deFeat: {
    imitation: { ...IMITATE, region: { kind: "gtBox" } },
    imitationBackground: {
      ...IMITATE,
      weight: 4,
      region: { kind: "background" },
    },
  },
  deFeatOriginal: {
    imitation: {
      ...DEFEAT,
      weight: 3 / 10,
      region: { kind: "gtBox", rule: "ownLevel" },
    },
    imitationBackground: {
      ...DEFEAT,
      weight: 12 / 10,
      region: { kind: "background", rule: "ownLevel" },
    },
  },
  gi: { imitation: { ...IMITATE, region: { kind: "gi" } } },
} as const satisfies Record<string, DistillSettings["terms"]>;

/**
 * Teacher bounded regression of table 1b, best at ε = 0.1. The paper gives no λ
 * and no code was released: GIoU's weight 2, boxes in strides, weights and
 * normaliser of GFL's box losses, and adding it to them are our choice.
 *
 * @see Zheng et al., CVPR 2022, eq. 6 and table 1b.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { TBR } from "ldlab/distill/presets.ts";
 *
 * const wider = { tbr: { ...TBR.tbr, epsilon: 0.3 } };
 * assert.equal(wider.tbr.weight, 2);
 * ```
 */
export const TBR = {
  tbr: { loss: "tbr", region: MAIN, weight: 2, epsilon: 0.1 },
} as const satisfies DistillSettings["terms"];

/** FGD's regions; its settings are the detector's. */
const FOCAL = {
  loss: "fgd",
  region: { kind: "fgdForeground" },
  backgroundRegion: { kind: "fgdBackground" },
  weight: 1,
} as const;

/**
 * Focal and global distillation with its published settings by detector, each as
 * terms to be spread into others.
 *
 * @see `FGD_SETTINGS`; Yang et al., "Focal and Global Knowledge Distillation for
 * Detectors", CVPR 2022.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FGD } from "ldlab/distill/presets.ts";
 *
 * assert.equal(FGD.fcos.fgd.temperature, 0.8);
 * ```
 */
export const FGD = {
  retina: { fgd: { ...FOCAL, ...FGD_SETTINGS.retina } },
  gfl: { fgd: { ...FOCAL, ...FGD_SETTINGS.gfl } },
  fcos: { fgd: { ...FOCAL, ...FGD_SETTINGS.fcos } },
  repPoints: { fgd: { ...FOCAL, ...FGD_SETTINGS.repPoints } },
} as const satisfies Record<string, DistillSettings["terms"]>;
