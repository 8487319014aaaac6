import { regionOptions } from "../regions/region.ts";
import { type CompleteTerm, completeTerms } from "./complete_terms.ts";
import { DETECTOR_PRESETS, FGD, IMITATION, PRESETS, TBR } from "./presets.ts";
import { regionsOf } from "./term_regions.ts";
import type { DistillTerm } from "./terms.ts";

/** How a term differs from the two accounts there are of it. */
export interface TermDepartures {
  /**
   * Options that differ from the released code, each as `option value, there
   * value`; undefined where the code has no such loss on such a region.
   */
  readonly released?: readonly string[];
  /** The same of the paper's text, without what it leaves open. */
  readonly paper?: readonly string[];
}

const { vlrLd, kd } = PRESETS.paper.terms;
const { fitNets, insideGtBox, mainRegion, fineGrained, gi, deFeat } = IMITATION;

/** The released code's terms. */
const RELEASED: readonly DistillTerm[] = [
  PRESETS.cvpr2022.terms,
  ...Object.values(DETECTOR_PRESETS).map(({ terms }) => terms),
  { imitation: insideGtBox.imitation },
  fineGrained,
  gi,
  ...Object.values(FGD),
].flatMap((terms): DistillTerm[] => Object.values(terms));

/** The text's terms: table 2 has KD on the valuable region too. */
const PAPER: readonly DistillTerm[] = [
  ...Object.values(PRESETS.paper.terms),
  { ...kd, region: vlrLd.region },
  TBR.tbr,
  ...Object.values({ fitNets, insideGtBox, mainRegion, fineGrained, gi })
    .map(({ imitation }) => imitation),
  deFeat.imitationBackground,
];

/** Options about which the text says nothing. */
const OPEN: Record<DistillTerm["loss"], readonly string[]> = {
  ld: ["normalizedBy"],
  kd: ["normalizedBy", "temperature", "activation"],
  tbr: [
    ...["weight", "unit", "distance", "weightedBy", "dividedBy"],
    ...["normalizedBy"],
  ],
  imitation: [
    ...["weight", "error", "adaptation", "emptyLevels", "weightedBy"],
    ...["dividedBy", "normalizedBy", "suppression", "rule"],
  ],
  fgd: [],
};

/**
 * Compares a term with the released code's and with the paper's.
 *
 * Compared is the term of the same loss on the same kind of region, of several
 * (one for each detector) the closest.
 *
 * @param term A complete term.
 * @returns What differs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { termDepartures } from "ldlab/distill/term_departures.ts";
 *
 * const { ld } = PRESETS.ld2021.terms;
 * const { softer } = completeTerms({ softer: { ...ld, temperature: 20 } });
 * assert.deepEqual(termDepartures(softer).released, ["temperature 20, there 10"]);
 * ```
 */
export function termDepartures(term: CompleteTerm): TermDepartures {
  return {
    released: differences(term, RELEASED, []),
    paper: differences(term, PAPER, OPEN[term.loss]),
  };
}

/**
 * A term's options by name, those of its regions among them.
 *
 * @param term A complete term.
 * @returns The options, in a fixed order, without loss and kinds of regions.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 * import { optionsOfTerm } from "ldlab/distill/term_departures.ts";
 *
 * const { vlrLd } = completeTerms(PRESETS.cvpr2022.terms);
 * assert.equal(optionsOfTerm(vlrLd).gamma, 0.25);
 * ```
 */
export function optionsOfTerm(
  term: CompleteTerm,
): Record<string, string | number> {
  const { loss: _, region: _region, ...own } = term;
  const options: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(own)) {
    if (typeof value !== "object") options[name] = value;
  }
  for (const region of regionsOf(term)) {
    // VLR's choice of weights, beside the term's weight.
    const { weight, ...rest } = regionOptions(region);
    Object.assign(options, weight && { "region's weight": weight }, rest);
  }
  return options;
}

function differences(
  term: CompleteTerm,
  references: readonly DistillTerm[],
  open: readonly string[],
): string[] | undefined {
  const options = Object.entries(optionsOfTerm(term))
    .filter(([name]) => !open.includes(name));
  const all = references
    .filter(({ loss, region }) =>
      loss === term.loss && region.kind === term.region.kind
    )
    .map((same) => {
      const expected = optionsOfTerm(completeTerms({ same }).same);
      return options.filter(([name, value]) => expected[name] !== value)
        .map(([name, value]) =>
          `${name} ${value}, there ${expected[name] ?? "none"}`
        );
    });
  return all.toSorted((a, b) => a.length - b.length).at(0);
}
