import type { Anchors } from "../boxes/anchors.ts";
import type { ImageSize } from "../boxes/clip_boxes.ts";
import type { Assignment } from "./assignment.ts";
import { backgroundRegion } from "./background.ts";
import { fcosVlrRegion } from "./fcos_vlr.ts";
import { fgdBackground, fgdForeground } from "./fgd_weights.ts";
import {
  FINE_GRAINED_DEFAULTS,
  type FineGrainedOptions,
  fineGrainedRegion,
} from "./fine_grained.ts";
import { requireFit } from "./fit_guard.ts";
import { GI_DEFAULTS, type GiOptions, requireGiOptions } from "./gi_options.ts";
import { GT_BOX_DEFAULTS, gtBoxRegion, type GtBoxRule } from "./gt_box.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { mainRegion } from "./main_region.ts";
import { retinaVlrRegion } from "./retina_vlr.ts";
import { VLR_DEFAULTS, type VlrOptions, vlrRegion } from "./vlr.ts";

/** A region that follows from anchors and ground truth. Plain data. */
export type LabelRegion =
  | { readonly kind: "all" }
  | { readonly kind: "main" }
  | { readonly kind: "vlr" } & Readonly<Omit<VlrOptions, "valid">>
  | { readonly kind: "retinaVlr" }
    & Readonly<
      Omit<VlrOptions, "valid" | "positives">
    >
  | { readonly kind: "fcosVlr" }
  | { readonly kind: "gtBox"; readonly rule?: GtBoxRule }
  | { readonly kind: "background"; readonly rule?: GtBoxRule }
  | { readonly kind: "fineGrained" }
    & Readonly<
      Omit<FineGrainedOptions, "valid">
    >
  | { readonly kind: "fgdForeground" }
  | { readonly kind: "fgdBackground" };

/** A region that follows from what student and teacher predict. Plain data. */
export type PredictionRegion = { readonly kind: "gi" } & GiOptions;

/** Which locations a term sees, and with what weight. Plain data. */
export type Region = LabelRegion | PredictionRegion;

const { positives: _, ...RETINA_VLR_DEFAULTS } = VLR_DEFAULTS;

// Each kind's options with their defaults; a region may have no others.
const DEFAULTS: Record<Region["kind"], Record<string, string | number>> = {
  all: {},
  main: {},
  vlr: VLR_DEFAULTS,
  retinaVlr: RETINA_VLR_DEFAULTS,
  fcosVlr: {},
  gtBox: GT_BOX_DEFAULTS,
  background: GT_BOX_DEFAULTS,
  fineGrained: FINE_GRAINED_DEFAULTS,
  fgdForeground: {},
  fgdBackground: {},
  gi: GI_DEFAULTS,
};

/**
 * What a region is made from: `labels` before the step, `predictions` inside it.
 *
 * @param region Any region.
 * @returns `labels` for `labelRegion`, `predictions` for `giRegion`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { regionNeeds } from "ldlab/regions/region.ts";
 *
 * assert.equal(regionNeeds({ kind: "vlr" }), "labels");
 * assert.equal(regionNeeds({ kind: "gi" }), "predictions");
 * ```
 */
export function regionNeeds(region: Region): "labels" | "predictions" {
  return region.kind === "gi" ? "predictions" : "labels";
}

/**
 * Names a region so that equal regions have equal names: every option is
 * written, in alphabetical order, with its default where it is not given.
 *
 * Use it as the key of a region's weights, so that terms share them.
 *
 * @param region Any region.
 * @returns For example `vlr(gamma=0.25, measure=diof, ...)`.
 * @throws {RangeError} If the kind is unknown or has no such option.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { regionKey } from "ldlab/regions/region.ts";
 *
 * assert.equal(regionKey({ kind: "main" }), "main");
 * assert.equal(
 *   regionKey({ kind: "gi", topk: 5 }),
 *   "gi(iouThreshold=0.3, suppression=batch, topk=5)",
 * );
 * assert.equal(regionKey({ kind: "vlr", gamma: 0.25 }), regionKey({ kind: "vlr" }));
 * ```
 */
export function regionKey(region: Region): string {
  const options = regionOptions(region);
  const names = Object.keys(options).sort();
  if (names.length === 0) return region.kind;
  const written = names.map((name) => `${name}=${options[name]}`);
  return `${region.kind}(${written.join(", ")})`;
}

/** What `labelRegion` makes a region from. */
export interface LabelRegionInput {
  /** Anchors of all levels. */
  readonly anchors: Anchors;
  /** Boxes in pixels of the network input; there may be none. */
  readonly gt: GroundTruth;
  /** What the anchors learn. */
  readonly assignment: Assignment;
  /** Size of the image inside the network input in pixels. */
  readonly imageSize: ImageSize;
  /** `[A]`: 0 for anchors that take no part, for example in padding. */
  readonly valid?: Uint8Array;
}

/**
 * The weights of any region that follows from anchors and ground truth.
 *
 * Use it where the region is data, as in the terms of distillation; each region
 * is a function of its own too. Any loss goes with any region: a term is
 * Σ_a u_a ℓ_a with u the weights given here.
 *
 * | kind | locations | weight |
 * | --- | --- | --- |
 * | `all` | all | 1 |
 * | `main` | those that learn a box | 1 |
 * | `vlr` | the surroundings of objects, see `vlrRegion` | IoU or 1 |
 * | `retinaVlr` | ... less those that learn a box | IoU or 1 |
 * | `fcosVlr` | inside a box, less those that learn one | 1 |
 * | `gtBox` | inside a box, see `gtBoxRegion` | 1 |
 * | `background` | the others | 1 |
 * | `fineGrained` | near a box, see `fineGrainedRegion` | 1 |
 * | `fgdForeground` | covered by a box | 1 / cells of the box |
 * | `fgdBackground` | the others | 1 / such cells of the level |
 *
 * Locations are anchors. Those of FGD and of `gtBox` by cells have all anchors of
 * a cell alike; where a term looks at cells, a cell has the largest weight of its
 * anchors.
 *
 * Without ground truth all are empty but `all`, `background` and `fgdBackground`,
 * which are everywhere.
 *
 * @param region Which region; options as of the function of that kind.
 * @param input Anchors, ground truth and what follows from them.
 * @returns `[A]`: weight of each anchor, not negative, 0 outside the region.
 * @throws {RangeError} If the kind or an option is unknown or out of its range.
 * @throws {TypeError} If lengths do not fit together.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignAtss } from "ldlab/regions/atss.ts";
 * import { labelRegion } from "ldlab/regions/region.ts";
 *
 * const imageSize = { height: 64, width: 64 };
 * const anchors = makeAnchors(imageSize);
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * const assignment = assignAtss(anchors, gt, { numClasses: 1 });
 * const input = { anchors, gt, assignment, imageSize };
 * const main = labelRegion({ kind: "main" }, input);
 * assert.equal(main.reduce((a, b) => a + b), assignment.positives);
 * ```
 */
export function labelRegion(
  region: LabelRegion,
  { anchors, gt, assignment, imageSize, valid }: LabelRegionInput,
): Float32Array {
  regionOptions(region); // which rejects what is unknown
  requireFit("make a region", anchors, gt, valid, assignment);
  const options = { ...region, valid };
  switch (options.kind) {
    case "all":
      return Float32Array.from(
        { length: anchors.count },
        (_, anchor) => valid?.[anchor] ?? 1,
      );
    case "main":
      return mainRegion(assignment);
    case "vlr":
      return vlrRegion(anchors, gt, options);
    case "retinaVlr":
      return retinaVlrRegion(anchors, gt, assignment, options);
    case "fcosVlr":
      return fcosVlrRegion(anchors, gt, assignment, options);
    case "gtBox":
      return gtBoxRegion(anchors, gt, options);
    case "background":
      return backgroundRegion(anchors, gt, options);
    case "fineGrained":
      return fineGrainedRegion(anchors, gt, options);
    case "fgdForeground":
      return fgdForeground(anchors, gt, { imageSize, valid });
    case "fgdBackground":
      return fgdBackground(anchors, gt, { imageSize, valid });
  }
}

/**
 * Spells out every option of a region.
 *
 * @param region Any region.
 * @returns Its options by name, with defaults where it does not give them.
 * @throws {RangeError} If the kind is unknown or has no such option, or GI cannot
 * select by its options.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { regionOptions } from "ldlab/regions/region.ts";
 *
 * assert.deepEqual(regionOptions({ kind: "gtBox" }), { rule: "centre" });
 * ```
 */
export function regionOptions(
  { kind, ...given }: Region,
): Record<string, string | number> {
  if (!Object.hasOwn(DEFAULTS, kind)) {
    throw new RangeError(
      `Cannot make a region: kind must be one of ${
        Object.keys(DEFAULTS).join(", ")
      }: current value is "${kind}"`,
    );
  }
  const defaults = DEFAULTS[kind];
  const options = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new RangeError(
        `Cannot make a region: ${kind} has ${
          Object.keys(defaults).join(", ") || "no options"
        }: current option is "${name}"`,
      );
    }
    if (value !== undefined) options[name] = value;
  }
  // Other regions' values are looked at where they are made, before any step.
  if (kind === "gi") requireGiOptions(options as Required<GiOptions>);
  return options;
}
