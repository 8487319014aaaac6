import { gainText } from "../../lib/report/mod.ts";
import type { Gain, Outcome } from "./outcome.ts";
import { scaleCaveat } from "./scale_caveat.ts";

/** A finding of the paper, about rows by their ids. */
export type Claim =
  & {
    /** A sentence without its full stop. */
    readonly text: string;
    /** The metric that it is about; `ap` unless given. */
    readonly metric?: string;
  }
  & (
    /** A row is better than another, or with `lower` worse. */
    | {
      readonly kind: "higher" | "lower" | "equal";
      readonly of: string;
      readonly over: string;
    }
    /** A row is the best of all that were run, but for some. */
    | {
      readonly kind: "best";
      readonly of: string;
      readonly among: readonly string[];
    }
  );

/** Whether a finding shows here. */
export type Verdict = "holds" | "fails" | "open";

/** What a claim came to. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The numbers and what they say. */
  readonly text: string;
}

/** Points within which two settings count as equal. */
const EQUAL_WITHIN = 0.5;

/**
 * Judges a finding by the runs. It holds or fails only where the 95 % confidence
 * interval says so; a single seed has none and leaves it open.
 *
 * @returns The judgement, or `null` where its rows were not run, or have not the
 * metric.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { judge } from "./claims.ts";
 * const outcome = {
 *   scale: "small",
 *   seeds: 3,
 *   rows: [{ id: "a", label: "A" }, { id: "b", label: "B" }],
 *   gain: () => ({ mean: 2, halfWidth: 0.5 }),
 *   paperGain: () => 1,
 * } as const;
 * const claim = { kind: "higher", text: "B helps", of: "b", over: "a" } as const;
 * assert.equal(judge(claim, outcome)?.verdict, "holds");
 * ```
 */
export function judge(claim: Claim, outcome: Outcome): Judgement | null {
  const ids = outcome.rows.map(({ id }) => id);
  if (claim.kind === "best") return judgeBest(claim, outcome, ids);
  const { kind, of, over, metric = "ap", text } = claim;
  if (!ids.includes(of) || !ids.includes(over)) return null;
  const gain = outcome.gain(of, over, metric);
  if (Number.isNaN(gain.mean)) return null;
  const verdict = kind === "equal"
    ? verdictOfEqual(gain)
    : verdictOf(gain, kind === "higher" ? 1 : -1);
  const paper = outcome.paperGain(of, over, metric);
  const published = paper === null
    ? ""
    : `, ${gainText({ mean: paper, halfWidth: null })} in the paper`;
  const says = verdict === "holds"
    ? "It holds here"
    : verdict === "fails"
    ? "It does not hold here"
    : openText(claim, gain);
  return {
    verdict,
    text: `${text}: ${gainText(gain)} ${heading(metric)} here${published}. ` +
      `${says}.`,
  };
}

function judgeBest(
  { of, among, metric = "ap", text }: Extract<Claim, { kind: "best" }>,
  outcome: Outcome,
  ids: readonly string[],
): Judgement | null {
  const others = among.filter((id) => id !== of && ids.includes(id));
  if (!ids.includes(of) || others.length === 0) return null;
  const leads = others.map((id) => ({
    id,
    gain: outcome.gain(of, id, metric),
  }));
  if (leads.some(({ gain }) => Number.isNaN(gain.mean))) return null;
  const against = leads.map(({ gain }) => verdictOf(gain, 1));
  // One clear rival beats it; only all of them, each clearly beaten, crown it.
  const verdict = (["fails", "open", "holds"] as const)
    .find((each) => against.includes(each))!;
  // Of the rivals that say so, the one against which it stands worst.
  const { id, gain } = leads.filter((_, at) => against[at] === verdict)
    .reduce((a, b) => b.gain.mean < a.gain.mean ? b : a);
  const label = outcome.rows.find((row) => row.id === id)!.label;
  const lead = `${gainText(gain)} ${heading(metric)} over "${label}"`;
  const says = verdict === "holds"
    ? `It is the best here too, ${lead}`
    : verdict === "fails"
    ? `It is not the best here: ${lead}`
    : gain.mean > 0
    ? `It is the best here too, but by no more than chance may do: ${lead}`
    : `Here another is as good, which chance may have done: ${lead}`;
  return { verdict, text: `${text}. ${says}.` };
}

function verdictOf({ mean, halfWidth }: Gain, sign: 1 | -1): Verdict {
  if (halfWidth === null) return "open";
  if (sign * mean - halfWidth > 0) return "holds";
  return sign * mean + halfWidth < 0 ? "fails" : "open";
}

function verdictOfEqual({ mean, halfWidth }: Gain): Verdict {
  if (halfWidth === null) return "open";
  const far = Math.abs(mean);
  if (far - halfWidth > 0) return "fails";
  return far + halfWidth <= EQUAL_WITHIN ? "holds" : "open";
}

function openText({ kind }: Claim, { mean, halfWidth }: Gain): string {
  if (kind === "equal") {
    return halfWidth === null
      ? "One seed cannot tell"
      : `No difference shows, but one of more than ${EQUAL_WITHIN} could hide ` +
        "in the seeds' spread";
  }
  const same = kind === "higher" ? mean > 0 : mean < 0;
  const way = mean === 0
    ? "shows no difference"
    : `points ${same ? "the same" : "the other"} way`;
  return halfWidth === null
    ? `One seed ${way} and cannot tell`
    : `It ${way}, but the seeds' spread is as large: it cannot be told`;
}

/** AP and its kind in capitals, others by their name. */
const heading = (metric: string) =>
  metric.startsWith("ap") ? metric.toUpperCase() : `in the error of ${metric}`;

/**
 * What runs say about the paper's findings: how many hold, each with its
 * numbers, and what the scale cannot show.
 *
 * @returns Paragraphs in Markdown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { concludeClaims } from "./claims.ts";
 * const none = { scale: "smoke", seeds: 1, rows: [] } as const;
 * const text = concludeClaims([], {
 *   ...none,
 *   gain: () => ({ mean: 0, halfWidth: null }),
 *   paperGain: () => null,
 * });
 * assert.match(text, /say nothing about LD/);
 * ```
 */
export function concludeClaims(
  claims: readonly Claim[],
  outcome: Outcome,
): string {
  const judged = claims.flatMap((claim) => judge(claim, outcome) ?? []);
  const count = (verdict: Verdict) =>
    judged.filter((judgement) => judgement.verdict === verdict).length;
  const lines = judged.length === 0
    ? ["The rows that were run say nothing about the paper's findings."]
    : [
      `Findings of the paper that hold here: ${count("holds")} of ` +
      `${judged.length}; that do not: ${
        count("fails")
      }; that cannot be told: ` +
      `${count("open")}.`,
      judged.map(({ text }) => `- ${text}`).join("\n"),
      outcome.seeds === 1
        ? "This is one seed: differences of about one AP are within what a " +
          "seed changes. 3 seeds or more can tell."
        : "Intervals are of 95 % confidence, each for its comparison alone: " +
          "of several, one may be off by chance.",
    ];
  return [...lines, scaleCaveat(outcome.scale)].join("\n\n");
}
