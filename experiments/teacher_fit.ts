import { makeAnchors } from "../lib/boxes/mod.ts";
import {
  completeLossWeights,
  type DetectorConfig,
  resolveDetectorConfig,
  targetRuleOf,
} from "../lib/detectors/mod.ts";
import { completeTerms, termNeeds } from "../lib/distill/mod.ts";
import { assignAtss, labelRegion } from "../lib/regions/mod.ts";
import { classesOf } from "./class_names.ts";
import type { RunConfig } from "./config.ts";
import { teacherModel } from "./teacher_model.ts";

/**
 * Looks whether a student can learn from its teacher, before either is trained.
 * What both say about a location is compared number by number, so their
 * anchors, classes and bins must be the same, and the channels of features
 * that are imitated as they are. Terms that look at distributions need boxes that
 * are some.
 *
 * @param label What the student is called in an error.
 * @param config The student; one without a teacher and terms is right.
 * @throws {RangeError} If something differs, a term or a weight of a loss is not
 * in order, or there are terms but no teacher.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "./scales.ts";
 * import { checkTeacher } from "./teacher_fit.ts";
 * const { teacher: config, student } = SCALES.small;
 * const model = { ...student.model, regMax: 8 };
 * const pupil = { ...student, model, teacher: { config, seed: 0 } };
 * assert.throws(() => checkTeacher("a pupil", pupil), /regMax must be .* 16/);
 * ```
 */
export function checkTeacher(label: string, config: RunConfig): void {
  const terms = Object.keys(completeTerms(config.terms));
  completeLossWeights(config.detectorLosses ?? undefined);
  if (!config.teacher) {
    if (terms.length === 0) return;
    throw new RangeError(
      `Cannot distil ${label}: there must be a teacher: current terms are ` +
        terms.join(", "),
    );
  }
  checkRegions(config);
  checkDistributions(label, config);
  const { teacher: own } = config;
  const teacher = "config" in own ? compared(own.config) : comparedModel(own);
  const student = compared(config);
  for (const [name, value] of Object.entries(teacher)) {
    // Images that keep their ratio have no size that could differ.
    if (value === student[name] || student[name] === undefined) continue;
    throw new RangeError(
      `Cannot distil ${label}: ${name} must be its teacher's, ` +
        `${value}: current value is ${student[name]}`,
    );
  }
  checkFeatures(label, config, teacherModel(own));
}

/** Options of regions are refused where they are made: here of no boxes. */
function checkRegions({ terms }: RunConfig): void {
  const imageSize = { height: 8, width: 8 };
  const anchors = makeAnchors({ ...imageSize, strides: [8] });
  const gt = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const assignment = assignAtss(anchors, gt, { numClasses: 1 });
  for (const region of termNeeds(terms).regions) {
    labelRegion(region, { anchors, gt, assignment, imageSize });
  }
}

/** A plain box has no distribution to learn from. */
function checkDistributions(label: string, { terms, model }: RunConfig): void {
  const { distributions } = termNeeds(terms);
  const { kind, regMax } = resolveDetectorConfig(model);
  if (regMax !== null || distributions.length === 0) return;
  throw new RangeError(
    `Cannot distil ${label}: regMax of ${kind} must be a number, so that its ` +
      `boxes are distributions, for the terms ${distributions.join(", ")}: ` +
      "current value is null",
  );
}

/** Features of other widths need a layer between them; FGD brings its own. */
function checkFeatures(
  label: string,
  { terms, model }: RunConfig,
  teacher: DetectorConfig,
): void {
  const [own, theirs] = [model, teacher]
    .map((model) => resolveDetectorConfig(model).neckChannels);
  for (const [name, term] of Object.entries(completeTerms(terms))) {
    if (own === theirs) return;
    if (term.loss !== "imitation" || term.adaptation !== "none") continue;
    throw new RangeError(
      `Cannot distil ${label}: neckChannels must be its teacher's, ${theirs}, ` +
        `unless the term ${name} has an adaptation layer: current value is ${own}`,
    );
  }
}

/** What a teacher and its student must have in common, by name. */
type Compared = Readonly<Record<string, string | number>>;

function compared({ model, data, input }: RunConfig): Compared {
  return {
    ...comparedModel({ model }),
    "the list of classes": classesOf(data).join(", "),
    ...(input.kind === "stretch" && {
      "the images' width": input.width,
      "the images' height": input.height,
    }),
    "the images' normalisation":
      (input.kind === "keepRatio" && input.normalisation) || "imagenetRgb",
  };
}

function comparedModel(
  { model }: { readonly model: DetectorConfig },
): Compared {
  const { numClasses, regMax } = resolveDetectorConfig(model);
  const anchors = Object.entries(targetRuleOf(model).anchors)
    .map(([name, value]) => `${name} ${[value].flat().join(" ")}`);
  return { numClasses, regMax: `${regMax}`, anchors: anchors.join(", ") };
}
