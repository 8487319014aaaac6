import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import {
  createDistillModules,
  type DistillModules,
} from "ldlab/distill/distill_modules.ts";
import { FGD, IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import {
  type EqualityCase,
  type EqualityCases,
  functionCase,
} from "./equality_case.ts";
import {
  anchors,
  logits,
  regionsOf,
  size,
  targets,
  vlr,
  weights,
} from "./location_tensors.ts";

const [C, n, D] = [3, 17, 4];

const networks = {
  classLogits: logits([...size, C], 90),
  boxLogits: logits([...size, 4, n], 91),
  "teacher's classLogits": logits([...size, C], 92),
  "teacher's boxLogits": logits([...size, 4, n], 93),
};

/** A feature map of each level, of both networks. */
const features = Object.fromEntries(
  ["features", "teacher's features"].flatMap((name, network) =>
    anchors.levels.map(({ height, width }, level) => [
      `${name} ${level}`,
      logits([size[0], height, width, D], 94 + 10 * network + level),
    ])
  ),
);

/** The losses of terms, all of one temperature if it moves. */
function distillCase(
  terms: DistillTerms,
  { region = true, moving = false, maps = false }: {
    region?: boolean;
    moving?: boolean;
    maps?: boolean;
  } = {},
): EqualityCase {
  const names = Object.keys(terms);
  const losses = new Set(Object.values(terms).map(({ loss }) => loss));
  const prepare = (modules: DistillModules) =>
    functionCase(
      {
        ...networks,
        ...(maps && features),
        ...targets,
        scoreWeights: weights,
        ...(region && { vlr }),
        ...(moving && { temperature: (call) => tf.scalar(1 + call) }),
      },
      (given) => {
        const network = (prefix: string) => ({
          classLogits: given[`${prefix}classLogits`] as tf.Tensor3D,
          boxLogits: given[`${prefix}boxLogits`] as tf.Tensor4D,
          features: anchors.levels.flatMap((_, level) =>
            given[`${prefix}features ${level}`] as tf.Tensor4D ?? []
          ),
        });
        const { losses, regions } = distillLoss({
          student: network(""),
          teacher: network("teacher's "),
          targets: {
            labels: given.labels as tf.Tensor2D,
            boxTargets: given.boxTargets as tf.Tensor3D,
          },
          regions: region ? regionsOf(given.vlr) : {},
          scoreWeights: given.scoreWeights as tf.Tensor2D,
          anchors,
          modules,
          ...(moving && {
            temperatures: Object.fromEntries(
              names.map((name) => [name, given.temperature as tf.Scalar]),
            ),
          }),
        }, terms);
        return {
          ...losses,
          ...Object.fromEntries(
            Object.entries(regions).map(([name, count]) => [
              `locations of ${name}`,
              count,
            ]),
          ),
        };
      },
      [
        ...(losses.has("ld") || losses.has("tbr") ? ["boxLogits"] : []),
        ...(losses.has("kd") ? ["classLogits"] : []),
        ...(maps ? ["features 0"] : []),
      ],
    );
  return () => {
    const modules = createDistillModules(terms, {
      studentChannels: D,
      teacherChannels: D,
      seed: 1,
    });
    const held = [...modules.parameters.values()];
    return { ...prepare(modules)(), held };
  };
}

const terms = {
  ...PRESETS.cvpr2022.terms,
  vlrKd: { loss: "kd", region: { kind: "vlr" }, weight: 3, temperature: 4 },
} as const satisfies DistillTerms;

const VLR = { kind: "vlr" } as const;

/** The presets, each term alone, all of them, and every other loss. */
export const distillCases: EqualityCases = {
  "distillLoss() of the preset ld2021": distillCase(PRESETS.ld2021.terms, {
    region: false,
  }),
  "distillLoss() of the preset cvpr2022": distillCase(PRESETS.cvpr2022.terms),
  "distillLoss() of all terms with a moving temperature": distillCase(terms, {
    moving: true,
  }),
  ...Object.fromEntries(
    Object.entries(terms).map(([name, term]) => [
      `distillLoss() of ${name} alone`,
      distillCase({ [name]: term }),
    ]),
  ),
  "distillLoss() of TBR": distillCase(TBR),
  "distillLoss() of LD over all sides, weighted by score": distillCase({
    ld: {
      ...terms.ld,
      region: VLR,
      edges: "joint",
      weightedBy: "score",
      normalizedBy: "scores",
    },
  }),
  "distillLoss() of GI imitation": distillCase(IMITATION.gi, { maps: true }),
  "distillLoss() of imitation with adaptation on the VLR": distillCase({
    hint: { ...IMITATION.gi.imitation, region: VLR, adaptation: "3x3" },
  }, { maps: true }),
  "distillLoss() of FGD": distillCase({
    fgd: { ...FGD.gfl.fgd, region: { kind: "main" }, backgroundRegion: VLR },
  }, { maps: true }),
};
