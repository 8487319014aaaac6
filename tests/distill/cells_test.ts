import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { cellsOf, weightsOfCells } from "ldlab/distill/cells.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { FGD, IMITATION } from "ldlab/distill/presets.ts";
import type { DistillTerm, ImitationTerm } from "ldlab/distill/terms.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { namedInputs } from "./named_inputs.ts";
import {
  anchors as one,
  located,
  networks,
  tensorsOf,
  VLR,
} from "./small_batch.ts";

const options = { height: 16, width: 16, strides: [8, 16] };
/** The cells of the small batch with three anchors each. */
const three = makeAnchors({ ...options, ratios: [0.5, 1, 2] });

Deno.test("cellsOf() has the cells of anchors, where one lies in each the anchors", () => {
  const { levels, count } = cellsOf(three);
  assert.deepEqual({ levels, count }, {
    levels: one.levels,
    count: one.count,
  });
  const weights = tf.ones<tf.Rank.R2>([1, one.count]);
  assert.equal(weightsOfCells(weights, one), weights);
  weights.dispose();
});

/** Each location's values for all three anchors of its cell. */
function tripled(
  { shape: [batch, count, ...rest], data }: HostValues,
): HostValues {
  const size = rest.reduce((a, b) => a * b, 1);
  return {
    shape: [batch, count * 3, ...rest],
    data: Float32Array.from(
      { length: data.length * 3 },
      (_, i) => data[Math.floor(i / size / 3) * size + i % size],
    ),
  };
}

const all = { ...networks, ...located };
const inputs = {
  ...all,
  scores: { shape: [2, 5], data: [.1, .2, .3, .4, .5, .6, .7, .8, .9, 1] },
};
const maps = ["features 0", "features 1"];
const several = Object.fromEntries(
  Object.entries(inputs).map(([name, values]) => [
    name,
    /eatures/.test(name) ? values : tripled(values),
  ]),
);

/** A term's loss of the named inputs. */
function lossOf(
  term: DistillTerm,
  anchors: typeof one,
  modules: ReturnType<typeof createDistillModules>,
) {
  return ({ scores, ...given }: Record<string, tf.Tensor>) =>
    distillLoss({
      ...namedInputs(given, anchors, modules),
      scoreWeights: scores as tf.Tensor2D,
    }, { term }).losses.term;
}

/** A loss and its gradients by the student's maps. */
function evaluate(
  loss: (given: Record<string, tf.Tensor>) => tf.Scalar,
  values: Record<string, HostValues>,
): ArrayLike<number>[] {
  return tf.tidy(() => {
    const given = tensorsOf(values);
    const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) =>
      loss({ ...given, ...Object.fromEntries(xs.map((x, i) => [maps[i], x])) })
    )(maps.map((map) => given[map]));
    return [value, ...grads].map((tensor) => tensor.dataSync());
  });
}

const { imitation } = IMITATION.fineGrained;
const vlr = { ...imitation, region: { kind: "vlr" } } satisfies ImitationTerm;
const rows: DistillTerm[] = [
  vlr,
  { ...vlr, region: { kind: "main" } },
  { ...vlr, emptyLevels: "kept" },
  { ...vlr, weightedBy: "region", normalizedBy: "nothing" },
  { ...vlr, weightedBy: "score", normalizedBy: "scores" },
  { ...vlr, adaptation: "1x1", normalizedBy: "count" },
  { ...FGD.retina.fgd, region: { kind: "main" }, backgroundRegion: vlr.region },
];
for (const [row, term] of rows.entries()) {
  Deno.test(`distillLoss() of features, row ${row}, is that of one anchor a cell where a cell's anchors are alike`, () => {
    const modules = createDistillModules({ term }, {
      ...{ studentChannels: 4, teacherChannels: 4, levels: 2, seed: 1 },
    });
    const expected = evaluate(lossOf(term, one, modules), inputs);
    const found = evaluate(lossOf(term, three, modules), several);
    assert.ok(found[0][0] > 0);
    for (const [i, values] of found.entries()) {
      assertClose(values, expected[i], { ofLargest: 1e-6 }, `${i}`);
    }
    modules.dispose();
  });
}

Deno.test("distillLoss() of features sees a cell if any of its anchors is in the region, by the largest weight", async () => {
  // The last anchor of cell 1 and the first two of cell 4, the only one of P4.
  const weights = Array(30).fill(0);
  [weights[5], weights[12], weights[13]] = [0.5, 0.2, 0.6];
  const given = { ...several, [VLR]: { shape: [2, 15], data: weights } };
  const cells = { shape: [2, 5], data: [0, 0.5, 0, 0, 0.6, 0, 0, 0, 0, 0] };
  for (const weightedBy of ["mask", "region"] as const) {
    const term = { ...vlr, weightedBy, emptyLevels: "kept" } as const;
    const modules = createDistillModules({}, {
      ...{ studentChannels: 4, teacherChannels: 4, seed: 1 },
    });
    const [[, expected]] = await everywhere(
      lossOf(term, one, modules),
      { ...inputs, [VLR]: cells },
    );
    for (
      const [place, { value }] of await everywhere(
        lossOf(term, three, modules),
        given,
      )
    ) {
      assertClose(value, expected.value, { relative: 1e-6 }, place);
    }
  }
});
