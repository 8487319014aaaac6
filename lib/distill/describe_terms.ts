import {
  completeLossWeights,
  GFL_LOSS_WEIGHTS,
} from "../detectors/gfl_loss_weights.ts";
import { type Region, regionOptions } from "../regions/region.ts";
import { type CompleteTerm, completeTerms } from "./complete_terms.ts";
import { termDepartures } from "./term_departures.ts";
import { regionsOf } from "./term_regions.ts";
import type { DistillSettings, DistillTerm, Weighing } from "./terms.ts";

/** One term as a reader sees it: a row of plain data. */
export interface TermRow {
  readonly term: string;
  /** The loss, with the options that are not its defaults; all weights of FGD. */
  readonly loss: string;
  /** The region, with the options that are not its defaults. */
  readonly region: string;
  readonly weight: number;
  /** Null where the loss has none. */
  readonly temperature: number | null;
  /** What weighs a location. */
  readonly weighting: string;
  /** How locations become one number. */
  readonly normalization: string;
  /** Where it differs from the released code. */
  readonly released: string;
  /** Where it differs from the paper's text. */
  readonly paper: string;
}

const NORMALIZATIONS: Record<
  NonNullable<Weighing["normalizedBy"]>,
  string
> = {
  nothing: "sum",
  count: "mean",
  levelCount: "sum of the levels' means",
  scores: "sum ÷ Σ scores of positives",
};

type OwnLoss = keyof typeof GFL_LOSS_WEIGHTS;

/** Options that have a column of their own. */
const SHOWN = [
  "loss",
  "region",
  "backgroundRegion",
  "weight",
  "temperature",
  "weightedBy",
  "dividedBy",
  "normalizedBy",
];

/**
 * Describes what a student is trained with: every active term, where it looks,
 * how much it counts and where it departs from the released code and from the
 * paper; and the detector's own losses whose weight is not the published one.
 *
 * Use it to print a preset or an ablation's row; `termsToText` writes it for a
 * terminal, and each row's values are cells of a table of lib/report.
 *
 * @param settings Any settings; a term of weight 0 is not active.
 * @returns A row for each, in the order of the settings, always the same for the
 * same settings.
 * @throws {RangeError} If a term is not in order (`completeTerms`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeTerms } from "ldlab/distill/describe_terms.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 *
 * const [ld, vlrLd] = describeTerms(PRESETS.cvpr2022);
 * assert.equal(ld.weighting, "score");
 * assert.equal(vlrLd.normalization, "sum ÷ 16");
 * assert.equal(vlrLd.released, "as released");
 * ```
 */
export function describeTerms(
  { terms, detectorLosses = {} }: DistillSettings,
): TermRow[] {
  const own = Object.entries(completeLossWeights(detectorLosses))
    .map(([name, weight]) => [name as OwnLoss, weight] as const)
    .filter(([name, weight]) => weight !== GFL_LOSS_WEIGHTS[name])
    .map(([name, weight]) => describeOwn(name, weight));
  const complete = Object.entries(completeTerms(terms));
  return [...complete.map(([name, term]) => describe(name, term)), ...own];
}

/** A loss of GFL itself whose weight is not the published one. */
function describeOwn(term: OwnLoss, weight: number): TermRow {
  const published = `weight ${weight}, there ${GFL_LOSS_WEIGHTS[term]}`;
  const classes = term === "qfl";
  return {
    term,
    loss: "the detector's own",
    region: classes ? "all" : "main",
    weight,
    temperature: null,
    weighting: classes ? "mask" : "score",
    normalization: classes ? "sum ÷ positives" : NORMALIZATIONS.scores,
    released: published,
    paper: term === "dfl" && weight === 0
      ? "as written: LD may stand in for DFL"
      : published,
  };
}

function describe(name: string, term: CompleteTerm): TermRow {
  const { released, paper } = termDepartures(term);
  const weighs = term.loss !== "fgd";
  return {
    term: name,
    loss: withOptions(term.loss, changes(term)),
    region: regionsOf(term).map(describeRegion).join(" and "),
    weight: term.weight,
    temperature: "temperature" in term ? term.temperature : null,
    weighting: weighs
      ? term.weightedBy === "score" && term.region.kind !== "main"
        ? "region × score"
        : term.weightedBy
      : "region × the teacher's attention",
    normalization: weighs
      ? NORMALIZATIONS[term.normalizedBy] +
        (term.dividedBy === 1 ? "" : ` ÷ ${term.dividedBy}`)
      : "sum ÷ images",
    released: departures(released, "as released", "not in the released code"),
    paper: departures(paper, "as written", "not in the paper"),
  };
}

function describeRegion(region: Region): string {
  const usual = regionOptions({ kind: region.kind } as Region);
  return withOptions(
    region.kind,
    Object.entries(regionOptions(region))
      .filter(([option, value]) => value !== usual[option]),
  );
}

/** Options of a term's loss that are not its defaults; all weights of FGD. */
function changes(term: CompleteTerm): [string, unknown][] {
  const { loss, region, weight } = term;
  const { usual } = completeTerms({
    usual: { loss, region, weight } as DistillTerm,
  });
  const defaults = usual as unknown as Record<string, unknown>;
  return Object.entries(term).filter(([option, value]) =>
    !SHOWN.includes(option) && (loss === "fgd" || value !== defaults[option])
  );
}

function withOptions(
  name: string,
  options: readonly (readonly [string, unknown])[],
): string {
  if (options.length === 0) return name;
  const text = options.map(([option, value]) => `${option} ${value}`);
  return `${name} (${text.join(", ")})`;
}

function departures(
  list: readonly string[] | undefined,
  none: string,
  unknown: string,
): string {
  if (!list) return unknown;
  return list.length === 0 ? none : list.join("; ");
}
