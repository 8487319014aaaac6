import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import { completeTerms } from "ldlab/distill/complete_terms.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { FGD, IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { regionsOf } from "ldlab/distill/term_regions.ts";
import type { DistillTerm } from "ldlab/distill/terms.ts";
import { compile } from "ldlab/engine/compile.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { labelRegion, type Region, regionKey } from "ldlab/regions/region.ts";
import { wave } from "../float64.ts";

const engine = await openEngine({ backend: "tensorflow" });

const [numClasses, bins, channels] = [2, 9, 4];
const imageSize = { height: 64, width: 96 };
const strides = [8, 16, 32];
/** One anchor a cell as GFL, and several as RetinaNet. */
const LAYOUTS: Record<string, Anchors> = {
  "one anchor": makeAnchors({ ...imageSize, strides }),
  "six anchors": makeAnchors({
    ...{ ...imageSize, strides },
    ...{ scale: [4, 5], ratios: [0.5, 1, 2] },
  }),
};

/** An image with a box on each of two levels, and one without boxes. */
const images = [
  {
    boxes: new Float32Array([4, 6, 40, 50, 20, 10, 90, 60]),
    labels: new Int32Array([0, 1]),
  },
  { boxes: new Float32Array(0), labels: new Int32Array(0) },
];

const REGIONS: readonly Region[] = [
  ...(["all", "main", "vlr", "retinaVlr", "fcosVlr", "gtBox"] as const),
  ...(["background", "fineGrained", "fgdForeground", "fgdBackground"] as const),
  "gi" as const,
].map((kind) => ({ kind }));

const LOSSES: readonly DistillTerm[] = [
  PRESETS.ld2021.terms.ld,
  PRESETS.cvpr2022.terms.kd,
  { ...TBR.tbr, epsilon: 50 },
  IMITATION.mainRegion.imitation,
  { ...IMITATION.mainRegion.imitation, adaptation: "3x3" },
  FGD.gfl.fgd,
];

/** What a batch brings for a term, as the loader makes it. */
function batchOf(
  term: DistillTerm,
  anchors: Anchors,
  gts: typeof images,
): tf.NamedTensorMap {
  const [B, A] = [gts.length, anchors.count];
  const assignments = gts.map((gt) => assignAtss(anchors, gt, { numClasses }));
  const joined = (arrays: ArrayLike<number>[]) =>
    arrays.flatMap((array) => Array.from(array));
  const maps = ["features", "teacherFeatures"].flatMap((name, network) =>
    anchors.levels.map(({ height, width }, level) => [
      `${name}${level}`,
      tf.tensor(wave(B * height * width * channels, 1, network + level), [
        ...[B, height, width, channels],
      ]),
    ])
  );
  return {
    classLogits: tf.tensor(wave(B * A * numClasses, 2), [B, A, numClasses]),
    boxLogits: tf.tensor(wave(B * A * 4 * bins, 2), [B, A, 4, bins]),
    teacherClass: tf.tensor(wave(B * A * numClasses, 2, 3), [B, A, numClasses]),
    teacherBox: tf.tensor(wave(B * A * 4 * bins, 2, 3), [B, A, 4, bins]),
    labels: tf.tensor2d(
      joined(assignments.map((a) => a.labels)),
      [B, A],
      "int32",
    ),
    boxTargets: tf.tensor3d(joined(assignments.map((a) => a.boxTargets)), [
      B,
      A,
      4,
    ]),
    ...Object.fromEntries(maps),
    ...Object.fromEntries(
      termNeeds({ term }).regions.map((region) => [
        regionKey(region),
        tf.tensor2d(
          joined(
            gts.map((gt, i) =>
              labelRegion(region, {
                anchors,
                gt,
                assignment: assignments[i],
                imageSize,
              })
            ),
          ),
          [B, A],
        ),
      ]),
    ),
  };
}

const rows = LOSSES.flatMap((loss) =>
  Object.entries(LAYOUTS).map(([layout, anchors]) => ({
    loss,
    layout,
    anchors,
  }))
);
for (const { loss, layout, anchors } of rows) {
  const name = "adaptation" in loss
    ? `${loss.loss} with adaptation`
    : loss.loss;
  Deno.test(`distillLoss() of ${name} runs on every region with ${layout} a cell, compiled, and leaks nothing`, async () => {
    for (const region of REGIONS) {
      const term = { ...loss, region } as DistillTerm;
      const before = engine.memory();
      const modules = createDistillModules({ term }, {
        studentChannels: channels,
        teacherChannels: channels,
        levels: anchors.levels.length,
        seed: 1,
      });
      const wrt = [
        "classLogits",
        "boxLogits",
        ...anchors.levels.map((_, i) => `features${i}`),
      ];
      const step = (given: tf.NamedTensorMap) =>
        tf.tidy(() => {
          const maps = (prefix: string) =>
            anchors.levels.map((_, i) => given[prefix + i] as tf.Tensor4D);
          const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => {
            const { losses } = distillLoss({
              student: {
                classLogits: xs[0] as tf.Tensor3D,
                boxLogits: xs[1] as tf.Tensor4D,
                features: xs.slice(2) as tf.Tensor4D[],
              },
              teacher: {
                classLogits: given.teacherClass as tf.Tensor3D,
                boxLogits: given.teacherBox as tf.Tensor4D,
                features: maps("teacherFeatures"),
              },
              targets: {
                labels: given.labels as tf.Tensor2D,
                boxTargets: given.boxTargets as tf.Tensor3D,
              },
              regions: Object.fromEntries(
                termNeeds({ term }).regions.map((
                  region,
                ) => [
                  regionKey(region),
                  given[regionKey(region)] as tf.Tensor2D,
                ]),
              ),
              scoreWeights: tf.fill(
                [given.labels.shape[0], anchors.count],
                0.5,
              ),
              anchors,
              modules,
            }, { term });
            // tfjs refuses to differentiate by what a loss does not see at all.
            const seen = xs.map((x) => tf.mul(tf.sum(x), 0));
            return tf.addN([losses.term, ...seen]);
          })(wrt.map((key) => given[key]));
          return {
            value,
            ...Object.fromEntries(grads.map((g, i) => [`gradient ${i}`, g])),
          };
        });
      const compiled = compile(step);
      for (
        const [what, gts] of Object.entries({
          both: images,
          empty: [images[1]],
        })
      ) {
        const given = batchOf(term, anchors, gts);
        const found: Float32Array[][] = [];
        for (const run of [step, compiled]) {
          const outputs = await run(given);
          found.push(
            await Promise.all(
              Object.values(outputs).map((x) => x.data<"float32">()),
            ),
          );
          tf.dispose(outputs);
        }
        tf.dispose(given);
        const title = `${region.kind} of ${what}`;
        assert.ok(found.flat().every((x) => x.every(Number.isFinite)), title);
        const [[eager], [replayed]] = found;
        assert.ok(
          Math.abs(eager[0] - replayed[0]) <= 1e-5 * Math.abs(eager[0]),
          title,
        );
        // TBR looks at positives only, which not every region has.
        if (what === "both" && loss.loss !== "tbr") {
          assert.ok(eager[0] > 0, title);
        }
      }
      compiled.dispose();
      modules.dispose();
      assert.deepEqual(engine.memory(), before, region.kind);
      const [{ kind }] = regionsOf(completeTerms({ term }).term);
      assert.equal(kind, region.kind);
    }
  });
}
