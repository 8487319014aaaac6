import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { IMITATION } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { conv2d } from "ldlab/nn/conv2d.ts";
import { constant } from "ldlab/nn/initializers.ts";
import { assignBoxes } from "ldlab/regions/assignment.ts";
import { labelRegion, regionKey } from "ldlab/regions/region.ts";
import { fromLevelMaps } from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { givenScope } from "../nn/given_scope.ts";
import { goldenGroundTruth } from "../regions/golden_anchors.ts";

const { imitation, imitationBackground } = IMITATION.deFeatOriginal;
const plain = { adaptation: "none" } as const;

const rows: Record<string, DistillTerms> = {
  decouple_neck: IMITATION.deFeatOriginal,
  decouple_neck_noadapt: {
    imitation: { ...imitation, ...plain },
    imitationBackground: { ...imitationBackground, ...plain },
  },
  gtmask_L1: {
    imitation: { ...imitation, ...plain, error: "absoluteBelowOne" },
  },
};

Deno.test("distillLoss() of IMITATION.deFeatOriginal equals DeFeat's released neck losses, gradients included", async () => {
  const golden = await goldenTensors("defeat");
  const cases = await goldenCases("defeat");
  const { params: { strides, featmap_sizes: levelSizes } } = cases.find((
    { name },
  ) => name === "masks")!;
  const [height, width] = levelSizes[0].map((size: number) =>
    size * strides[0]
  );
  const anchors = makeAnchors({ height, width, strides, levelSizes });
  const imageSize = { height, width };
  for (const [name, terms] of Object.entries(rows)) {
    const { inputs: { gt_bboxes: boxes }, outputs } = cases.find((c) =>
      c.name === name
    )!;
    const size: [number, number] = [boxes.length, anchors.count];
    const regions = termNeeds(terms).regions.map((region) => {
      const images = boxes.map((
        one: Parameters<typeof goldenGroundTruth>[0],
      ) => {
        const gt = goldenGroundTruth(one);
        const gtIndex = new Int32Array(anchors.count).fill(-1);
        const assignment = assignBoxes(anchors, gt, { gtIndex, numClasses: 1 });
        const input = { anchors, gt, assignment, imageSize };
        return Array.from(labelRegion(region, input));
      });
      return [`region ${regionKey(region)}`, {
        shape: size,
        data: images.flat(),
      }] as const;
    });
    const named = (key: string, as: string) =>
      Object.fromEntries(
        fromLevelMaps(golden, key).map((map, i) => [`${as}${i}`, map]),
      );
    const layers = Object.fromEntries(
      [...golden].filter(([key]) => key.startsWith("adapt."))
        .map(([key, { shape, data }]) => [key, { shape: [...shape], data }]),
    );
    const given: Record<string, HostValues> = {
      ...Object.fromEntries(regions),
      ...named("student", "student"),
      ...named("teacher", "teacher"),
      ...layers,
    };
    const f = (given: Record<string, tf.Tensor>) => {
      const maps = (network: string) =>
        anchors.levels.map((_, i) => given[network + i] as tf.Tensor4D);
      const logits = {
        classLogits: tf.zeros<tf.Rank.R3>([...size, 1]),
        boxLogits: tf.zeros<tf.Rank.R4>([...size, 4, 2]),
      };
      const adaptation = anchors.levels.map((_, level) => {
        const weight = given[`adapt.${level}.weight`];
        const [outChannels, inChannels] = weight.shape;
        const bias = given[`adapt.${level}.bias`];
        const scope = givenScope({
          weight: tf.transpose(weight, [2, 3, 1, 0]),
          bias,
        });
        const zero = { weight: constant(0), bias: constant(0) };
        return conv2d(scope, { inChannels, outChannels, kernel: 1, ...zero });
      });
      const adapts = name === "decouple_neck";
      const { losses } = distillLoss({
        student: { ...logits, features: maps("student") },
        teacher: { ...logits, features: maps("teacher") },
        targets: {
          labels: tf.ones(size, "int32"),
          boxTargets: tf.zeros([size[0], size[1], 4]),
        },
        regions: Object.fromEntries(
          Object.entries(given).filter(([key]) => key.startsWith("region "))
            .map(([key, x]) => [key.slice(7), x as tf.Tensor2D]),
        ),
        scoreWeights: tf.ones(size),
        anchors,
        ...(adapts && {
          modules: {
            parameters: new Map(),
            buffers: new Map(),
            layers: Object.fromEntries(
              Object.keys(terms).map((term) => [term, { adaptation }]),
            ),
            dispose: () => {},
          },
        }),
      }, terms);
      return tf.addN(Object.values(losses));
    };
    const wrt = anchors.levels.map((_, i) => `student${i}`);
    for (const [place, found] of await everywhere(f, given, wrt)) {
      const what = `${name} on ${place}`;
      const { loss } = outputs.log_vars;
      assertClose(found.value, [loss], { relative: 1e-5 }, what);
      const gradients = fromLevelMaps(golden, `${name}/grad/student`);
      for (const [i, { data }] of gradients.entries()) {
        assertClose(found.gradients[wrt[i]], data, { ofLargest: 1e-5 }, what);
      }
    }
  }
});
