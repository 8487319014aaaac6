// B images, A locations or anchors of all levels, C classes, n bins.
import type * as tf from "@tensorflow/tfjs-core";
import { shapeError } from "../boxes/shape_guard.ts";
import type { TermInputs } from "./term_inputs.ts";
import { termNeeds } from "./term_needs.ts";
import type { DistillTerms } from "./terms.ts";

/**
 * Guards what terms are computed from: broadcasting would hide a wrong shape.
 *
 * @throws {TypeError} If shapes differ, or a term looks at distributions and boxes
 * are plain.
 * @throws {RangeError} If a temperature or a weight is given of no term.
 */
export function requireTermInputs(
  inputs: TermInputs,
  terms: DistillTerms,
): void {
  requireLocations(inputs);
  requireDistributions(inputs, terms);
  requireTerms("temperatures", inputs.temperatures, terms);
  requireTerms("weights", inputs.weights, terms);
}

/** The softmax of a plain box's one number is 1: nothing would be learnt. */
function requireDistributions(
  { student, teacher }: TermInputs,
  terms: DistillTerms,
): void {
  const { distributions } = termNeeds(terms);
  for (const [network, { boxLogits }] of Object.entries({ student, teacher })) {
    if (distributions.length === 0 || boxLogits.shape[3] > 1) continue;
    throw shapeError(
      "distil",
      `the ${network}'s box logits`,
      "distributions, [B, A, 4, n] of 2 bins or more, for the terms " +
        distributions.join(", "),
      boxLogits,
    );
  }
}

/** A temperature or weight that no term takes would change nothing, silently. */
function requireTerms(
  what: "temperatures" | "weights",
  given: Readonly<Record<string, tf.Scalar>> | undefined,
  terms: DistillTerms,
): void {
  for (const name of Object.keys(given ?? {})) {
    if (Object.hasOwn(terms, name)) continue;
    throw new RangeError(
      `Cannot distil: ${what} must be of ${
        Object.keys(terms).join(", ") || "no term"
      }: current name is "${name}"`,
    );
  }
}

function requireLocations(
  { student, teacher, regions, targets, scoreWeights, anchors }: TermInputs,
): void {
  const shape = [student.classLogits.shape[0], anchors.count];
  for (const [network, outputs] of Object.entries({ student, teacher })) {
    const { classLogits, boxLogits } = outputs;
    const [classes, bins] = [classLogits.shape.at(-1), boxLogits.shape.at(-1)];
    for (
      const [what, tensor, rest] of [
        ["class logits", classLogits, [classes]],
        ["box logits", boxLogits, [4, bins]],
      ] as const
    ) {
      const expected = [...shape, ...rest];
      if (`${tensor.shape}` === `${expected}`) continue;
      throw shapeError(
        "distil",
        `the ${network}'s ${what}`,
        `[${expected.join(", ")}] as there are ${anchors.count} anchors`,
        tensor,
      );
    }
  }
  const { labels, boxTargets } = targets;
  if (`${boxTargets.shape}` !== `${[...shape, 4]}`) {
    const fitting = `[${shape.join(", ")}, 4]`;
    throw shapeError("distil", "box targets", fitting, boxTargets);
  }
  const expected: [string, tf.Tensor][] = [
    ["labels", labels],
    ["score weights", scoreWeights],
    ...Object.entries(regions ?? {}).map(([key, weights]) =>
      [`weights of the region ${key}`, weights] as [string, tf.Tensor]
    ),
  ];
  for (const [what, tensor] of expected) {
    if (`${tensor.shape}` === `${shape}`) continue;
    throw shapeError(
      "distil",
      what,
      `[${shape.join(", ")}] as there are ${anchors.count} anchors`,
      tensor,
    );
  }
}
