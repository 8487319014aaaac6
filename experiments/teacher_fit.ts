import { makeAnchors } from "../lib/boxes/mod.ts";
import { SCENE_CLASSES } from "../lib/data/mod.ts";
import {
  completeLossWeights,
  resolveDetectorConfig,
} from "../lib/detectors/mod.ts";
import { completeTerms, termNeeds } from "../lib/distill/mod.ts";
import { assignAtss, labelRegion } from "../lib/regions/mod.ts";
import type { RunConfig } from "./config.ts";

/**
 * Looks whether a student can learn from its teacher, before either is trained.
 * What both say about a location is compared number by number, so their
 * locations, classes and bins must be the same, and the channels of features
 * that are imitated as they are. Strides need no look: the architecture fixes
 * them.
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
  completeLossWeights(config.detectorLosses);
  if (!config.teacher) {
    if (terms.length === 0) return;
    throw new RangeError(
      `Cannot distil ${label}: there must be a teacher: current terms are ` +
        terms.join(", "),
    );
  }
  checkRegions(config);
  const [student, teacher] = [config, config.teacher.config].map(compared);
  for (const [name, value] of Object.entries(student)) {
    if (value === teacher[name]) continue;
    throw new RangeError(
      `Cannot distil ${label}: ${name} must be its teacher's, ` +
        `${teacher[name]}: current value is ${value}`,
    );
  }
  checkFeatures(label, config, config.teacher.config);
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

/** Features of other widths need a layer between them; FGD brings its own. */
function checkFeatures(
  label: string,
  { terms, model }: RunConfig,
  teacher: RunConfig,
): void {
  const [own, theirs] = [model, teacher.model]
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

/** What a teacher and its student must have in common. */
function compared({ model, data }: RunConfig): Record<string, string | number> {
  const { numClasses, regMax } = resolveDetectorConfig(model);
  const classes = data.kind === "scenes" ? SCENE_CLASSES : data.classes;
  return {
    numClasses,
    regMax: `${regMax}`,
    "the list of classes": classes.join(", "),
    "the images' width": data.width,
    "the images' height": data.height,
  };
}
