import { type Region, regionKey } from "../regions/region.ts";
import type { CompleteTerm } from "./complete_terms.ts";

/**
 * Lists the regions a term looks at.
 *
 * @param term A complete term.
 * @returns One region; of FGD the foreground and the background.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { regionsOf } from "ldlab/distill/term_regions.ts";
 *
 * const { ld } = completeTerms(PRESETS.ld2021.terms);
 * assert.deepEqual(regionsOf(ld), [{ kind: "main" }]);
 * ```
 */
export function regionsOf(term: CompleteTerm): Region[] {
  return term.loss === "fgd"
    ? [term.region, term.backgroundRegion]
    : [term.region];
}

/**
 * Names the regions of some terms for a report: by their kind, or by their whole
 * `regionKey` where the terms have several of a kind. The main region is always
 * among them.
 *
 * @param terms Complete terms.
 * @returns Each region once, by name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { regionNames } from "ldlab/distill/term_regions.ts";
 *
 * const names = regionNames(completeTerms(PRESETS.cvpr2022.terms));
 * assert.deepEqual([...names.keys()], ["main", "vlr"]);
 * ```
 */
export function regionNames(
  terms: Readonly<Record<string, CompleteTerm>>,
): Map<string, Region> {
  const all: Region[] = Object.values(terms).flatMap(regionsOf);
  const byKey = new Map<string, Region>();
  for (const region of [{ kind: "main" } as const, ...all]) {
    byKey.set(regionKey(region), region);
  }
  const kinds = [...byKey.values()].map(({ kind }) => kind);
  return new Map(
    [...byKey].map(([key, region]) => {
      const alone = kinds.filter((kind) => kind === region.kind).length === 1;
      return [alone ? region.kind : key, region];
    }),
  );
}
