import { FGD_SETTINGS } from "../losses/fgd_settings.ts";
import { regionKey } from "../regions/region.ts";
import { regionsOf } from "./term_regions.ts";
import type {
  DistillTerm,
  DistillTerms,
  ImitationTerm,
  KdTerm,
  LdTerm,
  TbrTerm,
  Weighing,
} from "./terms.ts";

type Complete<T> = T extends unknown ? Required<T> : never;

/** A term with every option spelt out. */
export type CompleteTerm = Complete<DistillTerm>;

/** A complete term of one loss. */
export type CompleteTermOf<L extends DistillTerm["loss"]> = Extract<
  CompleteTerm,
  { loss: L }
>;

type Options = Record<string, unknown>;

/** What a term's loss takes unless told, beside region and weight. */
const DEFAULTS: Record<DistillTerm["loss"], (term: DistillTerm) => Options> = {
  ld: ({ region }) => ({
    temperature: 10,
    bins: "mean",
    temperatureFactor: "squared",
    edges: "separate",
    weightedBy: region.kind === "main" ? "score" : "region",
    dividedBy: region.kind === "vlr" ? 16 : 4,
    normalizedBy: "nothing",
  }),
  kd: () => ({
    temperature: 2,
    classes: "mean",
    activation: "softmax",
    temperatureFactor: "squared",
    weightedBy: "mask",
    dividedBy: 1,
    normalizedBy: "levelCount",
  }),
  tbr: () => ({
    epsilon: 0.1,
    distance: "l2",
    unit: "strides",
    weightedBy: "score",
    dividedBy: 1,
    normalizedBy: "scores",
  }),
  imitation: () => ({
    error: "squared",
    adaptation: "none",
    emptyLevels: "skipped",
    weightedBy: "mask",
    dividedBy: 1,
    normalizedBy: "levelCount",
  }),
  fgd: () => ({
    backgroundRegion: { kind: "fgdBackground" },
    ...FGD_SETTINGS.gfl,
  }),
};

/** Each option's choices, all of them: the compiler looks. */
type Choices<T> = {
  readonly [option in keyof T]-?: Readonly<
    Record<NonNullable<T[option]> & string, true>
  >;
};

/**
 * Options of a closed set. Those of a loss are checked here too: a run is to fail
 * before its teacher is trained, not at its first step.
 */
const CHOICES: Choices<
  & Pick<LdTerm, "bins" | "temperatureFactor" | "edges">
  & Pick<KdTerm, "classes" | "activation">
  & Pick<TbrTerm, "distance" | "unit">
  & Pick<ImitationTerm, "error" | "adaptation" | "emptyLevels">
  & Pick<Weighing, "weightedBy" | "normalizedBy">
> = {
  bins: { mean: true, sum: true },
  classes: { mean: true, sum: true },
  temperatureFactor: { squared: true, none: true },
  activation: { softmax: true, sigmoid: true },
  distance: { l2: true, squared: true },
  error: { squared: true, absolute: true, absoluteBelowOne: true },
  edges: { separate: true, joint: true },
  unit: { strides: true, pixels: true },
  adaptation: { none: true, "1x1": true, "3x3": true },
  emptyLevels: { skipped: true, kept: true },
  weightedBy: { region: true, mask: true, score: true },
  normalizedBy: { nothing: true, count: true, levelCount: true, scores: true },
};

/** A name that the step reports something else under. */
const TAKEN =
  /^(qfl|giou|dfl|ciou|focal|box|centerness|total|gradientNorm)$|Locations$/;

/**
 * Spells out every option of distillation terms, and checks them.
 *
 * Use it to see or compare what terms do; what takes terms calls it by itself.
 * What a term does not say is as released, by its loss:
 *
 * | loss | temperature | weightedBy | dividedBy | normalizedBy |
 * | --- | --- | --- | --- | --- |
 * | `ld` | 10 | on `main` `score`, else `region` | on `vlr` 16, else 4 | `nothing` |
 * | `kd` | 2 | `mask` | 1 | `levelCount` |
 * | `imitation` | – | `mask` | 1 | `levelCount` |
 * | `tbr` (our choice) | – | `score` | 1 | `scores` |
 * | `fgd` | 0.5 | – | – | – |
 *
 * @param terms Any terms.
 * @returns The terms whose weight is not 0, complete, in their order.
 * @throws {TypeError} If there are no terms.
 * @throws {RangeError} If a name is no name or taken, a loss, a region, an option
 * of either or a choice is unknown, a weight is not finite, a divisor or a
 * temperature not above 0, a margin below 0.
 * @see HikariTJU/LD `LDHead` at 4287990c; Yang et al., "Focal and Global
 * Knowledge Distillation for Detectors", CVPR 2022.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 *
 * const { vlrLd } = completeTerms({
 *   vlrLd: { loss: "ld", region: { kind: "vlr" }, weight: 0.25 },
 *   kd: { loss: "kd", region: { kind: "main" }, weight: 0 },
 * });
 * assert.equal(vlrLd.loss === "ld" && vlrLd.dividedBy, 16);
 * ```
 */
export function completeTerms(
  terms: DistillTerms,
): Readonly<Record<string, CompleteTerm>> {
  if (!terms) {
    throw new TypeError(
      "Cannot distil: terms must be given by name, as in " +
        `PRESETS.cvpr2022.terms: current value is ${terms}`,
    );
  }
  const complete: Record<string, CompleteTerm> = {};
  for (const [name, term] of Object.entries(terms)) {
    if (!/^[A-Za-z]\w*$/.test(name) || TAKEN.test(name)) {
      throw bad(
        `the name of a term`,
        "a word that is not qfl, giou, dfl, ciou, total, gradientNorm or …Locations",
        name,
      );
    }
    const full = completeTerm(name, term);
    if (full.weight !== 0) complete[name] = full;
  }
  return complete;
}

function completeTerm(name: string, term: DistillTerm): CompleteTerm {
  // A misspelt preset spread into terms is a term of nothing.
  if (!Object.hasOwn(DEFAULTS, term?.loss)) {
    throw bad(`the loss of ${name}`, Object.keys(DEFAULTS), term?.loss);
  }
  if (typeof term.region?.kind !== "string") {
    throw bad(
      `the region of ${name}`,
      'data as { kind: "main" }',
      term.region,
    );
  }
  const defaults = DEFAULTS[term.loss](term);
  const full: Options = {
    loss: term.loss,
    region: term.region,
    weight: term.weight,
    ...defaults,
  };
  for (const [option, value] of Object.entries(term)) {
    if (!Object.hasOwn(full, option)) {
      throw bad(`an option of ${name}`, Object.keys(full), option);
    }
    if (value !== undefined) full[option] = value;
  }
  for (const [option, value] of Object.entries(full)) {
    if (Object.hasOwn(CHOICES, option)) {
      const choices = Object.keys(CHOICES[option as keyof typeof CHOICES]);
      if (!choices.includes(value as string)) {
        throw bad(`${option} of ${name}`, choices, value);
      }
    }
    if (typeof defaults[option] === "number" || option === "weight") {
      if (!Number.isFinite(value)) {
        throw bad(`the ${option} of ${name}`, "finite", value);
      }
    }
    if (option === "temperature" || option === "dividedBy") {
      if (!((value as number) > 0)) {
        throw bad(`the ${option} of ${name}`, "above 0", value);
      }
    }
    if (option === "epsilon" && (value as number) < 0) {
      throw bad(`the epsilon of ${name}`, "at least 0", value);
    }
  }
  const complete = full as CompleteTerm;
  for (const region of regionsOf(complete)) regionKey(region); // throws
  return complete;
}

function bad(
  what: string,
  right: string | readonly string[],
  value: unknown,
): RangeError {
  const text = typeof right === "string" ? right : `one of ${right.join(", ")}`;
  return new RangeError(
    `Cannot distil: ${what} must be ${text}: current value is ${
      typeof value === "string" ? `"${value}"` : value
    }`,
  );
}
