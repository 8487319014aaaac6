import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { type DistillTerms, PRESETS } from "ldlab/distill/terms.ts";
import { type EqualityCases, functionCase } from "./equality_case.ts";
import {
  anchors,
  logits,
  size,
  targets,
  vlr,
  weights,
} from "./location_tensors.ts";

const [C, n] = [3, 17];

const networks = {
  classLogits: logits([...size, C], 90),
  boxLogits: logits([...size, 4, n], 91),
  "teacher's classLogits": logits([...size, C], 92),
  "teacher's boxLogits": logits([...size, 4, n], 93),
};

/** The losses of terms, all of one temperature if it moves. */
function distillCase(
  terms: DistillTerms,
  { region = true, moving = false }: { region?: boolean; moving?: boolean } =
    {},
) {
  const names = Object.keys(terms) as (keyof DistillTerms)[];
  return functionCase(
    {
      ...networks,
      ...targets,
      scoreWeights: weights,
      ...(region && { vlr }),
      ...(moving && { temperature: (call) => tf.scalar(1 + call) }),
    },
    (given) => {
      const moved = Object.fromEntries(names.map((name) => {
        const temperature = given.temperature as tf.Scalar;
        return [name, { ...terms[name]!, temperature }];
      }));
      const { losses, regions } = distillLoss({
        student: {
          classLogits: given.classLogits as tf.Tensor3D,
          boxLogits: given.boxLogits as tf.Tensor4D,
        },
        teacher: {
          classLogits: given["teacher's classLogits"] as tf.Tensor3D,
          boxLogits: given["teacher's boxLogits"] as tf.Tensor4D,
        },
        targets: {
          labels: given.labels as tf.Tensor2D,
          boxTargets: given.boxTargets as tf.Tensor3D,
          vlr: given.vlr as tf.Tensor2D | undefined,
        },
        scoreWeights: given.scoreWeights as tf.Tensor2D,
        anchors,
      }, moving ? moved : terms);
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
      ...(terms.ld || terms.vlrLd ? ["boxLogits"] : []),
      ...(terms.kd || terms.vlrKd ? ["classLogits"] : []),
    ],
  );
}

const terms: Required<DistillTerms> = {
  ...PRESETS.cvpr2022,
  vlrKd: { weight: 3, temperature: 4 },
};

/** The presets, each term alone, and all of them. */
export const distillCases: EqualityCases = {
  "distillLoss() of the preset ld2021": distillCase(PRESETS.ld2021, {
    region: false,
  }),
  "distillLoss() of the preset cvpr2022": distillCase(PRESETS.cvpr2022),
  "distillLoss() of all terms with a moving temperature": distillCase(terms, {
    moving: true,
  }),
  ...Object.fromEntries(
    Object.entries(terms).map(([name, term]) => [
      `distillLoss() of ${name} alone`,
      distillCase({ [name]: term }),
    ]),
  ),
};
