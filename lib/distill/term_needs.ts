import {
  type LabelRegion,
  type Region,
  regionKey,
  regionNeeds,
} from "../regions/region.ts";
import { completeTerms } from "./complete_terms.ts";
import { regionsOf } from "./term_regions.ts";
import type { DistillTerms } from "./terms.ts";

/** What terms must be given beside logits and labels. */
export interface TermNeeds {
  /**
   * Regions whose weights a batch must bring, each once. `all` and `main` are
   * not among them: they follow from the labels.
   */
  readonly regions: readonly LabelRegion[];
  /** Whether a term looks at the features of both networks. */
  readonly features: boolean;
}

/**
 * Says what the loader and the teacher must give for some terms.
 *
 * @param terms Any terms; those of weight 0 need nothing.
 * @returns The regions for `createLoader`, and whether the teacher must give
 * its features.
 * @throws {RangeError} If a term is not in order (`completeTerms`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { termNeeds } from "ldlab/distill/term_needs.ts";
 *
 * const { regions, features } = termNeeds(PRESETS.cvpr2022.terms);
 * assert.deepEqual(regions, [{ kind: "vlr" }]);
 * assert.equal(features, false);
 * ```
 */
export function termNeeds(terms: DistillTerms): TermNeeds {
  const regions = new Map<string, LabelRegion>();
  const complete = Object.values(completeTerms(terms));
  for (const region of complete.flatMap(regionsOf)) {
    if (isGiven(region)) regions.set(regionKey(region), region);
  }
  return {
    regions: [...regions.values()],
    features: complete.some(({ loss }) =>
      loss === "imitation" || loss === "fgd"
    ),
  };
}

/** Whether a batch brings a region's weights. */
function isGiven(region: Region): region is LabelRegion {
  return regionNeeds(region) === "labels" && region.kind !== "all" &&
    region.kind !== "main";
}
