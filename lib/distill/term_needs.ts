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
   * Regions whose weights a batch must bring, each once. `main` is not among
   * them: it follows from the labels.
   */
  readonly regions: readonly LabelRegion[];
  /** Whether a term looks at the features of both networks. */
  readonly features: boolean;
  /**
   * Names of the terms that look at boxes as distributions: plain boxes won't do.
   */
  readonly distributions: readonly string[];
}

/**
 * Says what the loader and the teacher must give for some terms.
 *
 * @param terms Any terms; those of weight 0 need nothing.
 * @returns The regions for `createLoader`, whether the teacher must give its
 * features, and which terms need distributions of both networks.
 * @throws {RangeError} If a term is not in order (`completeTerms`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { termNeeds } from "ldlab/distill/term_needs.ts";
 *
 * const { regions, features, distributions } = termNeeds(PRESETS.cvpr2022.terms);
 * assert.deepEqual(regions, [{ kind: "vlr" }]);
 * assert.equal(features, false);
 * assert.deepEqual(distributions, ["ld", "vlrLd"]);
 * ```
 */
export function termNeeds(terms: DistillTerms): TermNeeds {
  const regions = new Map<string, LabelRegion>();
  const complete = completeTerms(terms);
  const all = Object.values(complete);
  for (const region of all.flatMap(regionsOf)) {
    if (isGiven(region)) regions.set(regionKey(region), region);
  }
  return {
    regions: [...regions.values()],
    features: all.some(({ loss }) => loss === "imitation" || loss === "fgd"),
    distributions: Object.entries(complete)
      .filter(([, term]) =>
        term.loss === "ld" || term.loss === "tbr" ||
        regionsOf(term).some(({ kind }) => kind === "gi")
      )
      .map(([name]) => name),
  };
}

/** Whether a batch brings a region's weights. */
function isGiven(region: Region): region is LabelRegion {
  return regionNeeds(region) === "labels" && region.kind !== "main";
}
