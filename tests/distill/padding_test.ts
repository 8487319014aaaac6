// A batch is padded to its largest image: what lies beyond an image's own padding
// must change nothing.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import { type Anchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { anchorsOf, targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import type { DetectorKind } from "ldlab/detectors/detector_config.ts";
import { detectorLoss } from "ldlab/detectors/detector_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { DETECTOR_PRESETS, IMITATION, PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { labelRegion, regionKey } from "ldlab/regions/region.ts";
import { assignTargets } from "ldlab/regions/target_rule.ts";
import { wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

await tf.setBackend("cpu");
const [numClasses, bins, channels] = [2, 9, 4];
/** The image with its own padding, and the batch. */
const own = { width: 96, height: 64 };
const padded = { width: 160, height: 128 };
const gt = {
  boxes: new Float32Array([4, 6, 40, 50, 20, 10, 92, 60]),
  labels: new Int32Array([0, 1]),
};

const { imitation } = IMITATION.fitNets;
/** Every region that labels make but FGD's, whose divisors are of the whole map. */
const terms: DistillTerms = {
  ...PRESETS.cvpr2022.terms,
  retina: DETECTOR_PRESETS.retina.terms.vlrLd,
  fcos: DETECTOR_PRESETS.fcos.terms.vlrLd,
  all: imitation,
  background: IMITATION.deFeat.imitationBackground,
  own: {
    ...IMITATION.deFeatOriginal.imitationBackground,
    adaptation: "none",
  },
  near: IMITATION.fineGrained.imitation,
  inside: IMITATION.insideGtBox.imitation,
};
/** The anchors of the large input that the small one has too, in order. */
function shared(large: Anchors, valid: Uint8Array): number[] {
  return Array.from({ length: large.count }, (_, i) => i)
    .filter((anchor) => valid[anchor] === 1);
}

for (const kind of ["gfl", "gflV2", "atss", "retina"] as const) {
  Deno.test(`losses and terms of ${kind} are those of the batch without padding`, async () => {
    const config = { kind, numClasses, regMax: bins - 1 } as const;
    const large = anchorsOf(config, padded);
    const small = anchorsOf(config, own);
    const valid = validAnchors(large, own);
    const picked = shared(large, valid);
    assert.equal(picked.length, small.count);
    const wide = await lossesOf(kind, large, { valid });
    const narrow = await lossesOf(kind, small, { from: large, picked });

    assert.equal(wide.positives, narrow.positives);
    assert.ok(wide.positives > 0);
    for (const [key, weights] of Object.entries(wide.regions)) {
      assert.deepEqual(
        picked.map((anchor) => weights[anchor]),
        Array.from(narrow.regions[key]),
        key,
      );
      const beyond = weights.filter((_, anchor) => valid[anchor] === 0);
      assert.ok(beyond.length > 0 && beyond.every((w) => w === 0), key);
    }
    for (const [name, value] of Object.entries(narrow.losses)) {
      assert.ok(value > 0, name);
      assertClose([wide.losses[name]], [value], { relative: 1e-5 }, name);
    }
    // The test sees padding: without label weights it is background to learn.
    const unweighed = await lossesOf(kind, large, { valid, weighs: false });
    const [cls] = Object.keys(narrow.losses);
    assert.ok(unweighed.losses[cls] > 1.01 * narrow.losses[cls]);
  });
}

/**
 * All losses of one image from given network outputs: made for the anchors `from`
 * and, where `picked` says which, taken over for others.
 */
async function lossesOf(
  kind: DetectorKind,
  anchors: Anchors,
  { valid, from = anchors, picked, weighs = true }: {
    valid?: Uint8Array;
    from?: Anchors;
    picked?: number[];
    weighs?: boolean;
  },
) {
  const { assignment: rule } = targetRuleOf({ kind, numClasses });
  const assignment = assignTargets(rule, anchors, gt, { numClasses, valid });
  const regions: Record<string, Float32Array> = {};
  for (const region of termNeeds(terms).regions) {
    regions[regionKey(region)] = labelRegion(region, {
      ...{ anchors, gt, assignment, valid },
      imageSize: own,
    });
  }
  const A = anchors.count;
  const perAnchor = (size: number, scale: number, phase: number) => {
    const all = wave(from.count * size, scale, phase);
    if (!picked) return all;
    return Float32Array.from(
      { length: A * size },
      (_, i) => all[picked[Math.floor(i / size)] * size + i % size],
    );
  };
  const features = (phase: number) =>
    anchors.levels.map(({ height, width }, level) => {
      const whole = from.levels[level];
      const all = wave(whole.height * whole.width * channels, 1, phase + level);
      const map = tf.tensor3d(all, [whole.height, whole.width, channels]);
      return tf.expandDims(
        tf.slice(map, [0, 0, 0], [height, width, channels]),
      ) as tf.Tensor4D;
    });
  const network = (phase: number) => ({
    classLogits: tf.tensor3d(perAnchor(numClasses, 2, phase), [
      1,
      A,
      numClasses,
    ]),
    boxLogits: tf.tensor4d(perAnchor(4 * bins, 2, phase), [1, A, 4, bins]),
    centerness: tf.tensor2d(perAnchor(1, 2, phase), [1, A]),
    features: features(phase),
  });
  const student = network(0);
  const quality = tf.sigmoid(tf.expandDims(student.centerness, -1));
  const outputs = {
    ...student,
    ...(kind === "gflV2" && {
      scores: tf.mul<tf.Tensor3D>(tf.sigmoid(student.classLogits), quality),
    }),
  };
  const { labels, boxTargets, labelWeights } = assignment;
  const targets = {
    labels: tf.tensor2d(labels, [1, A], "int32"),
    boxTargets: tf.tensor3d(boxTargets, [1, A, 4]),
    ...(weighs && { labelWeights: tf.tensor2d(labelWeights, [1, A]) }),
  };
  const detector = detectorLoss(
    { kind },
    { outputs, targets, anchors },
    { head: "ld" },
  );
  const distilled = distillLoss({
    ...{ student, teacher: network(3), targets, anchors },
    scoreWeights: detector.scoreWeights,
    regions: Object.fromEntries(
      Object.entries(regions).map(([key, w]) => [key, tf.tensor2d(w, [1, A])]),
    ),
  }, terms);
  const losses: Record<string, number> = {};
  for (
    const [name, loss] of Object.entries({
      ...detector.losses,
      ...distilled.losses,
    })
  ) {
    [losses[name]] = await loss.data();
  }
  return { losses, regions, positives: assignment.positives };
}
