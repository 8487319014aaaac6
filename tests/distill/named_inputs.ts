/** What distillation terms are computed from, as named tensors. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "ldlab/boxes/anchors.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import type { DistillModules } from "ldlab/distill/distill_modules.ts";
import type { TermInputs } from "ldlab/distill/term_inputs.ts";
import { outputsOf, targetsOf } from "../detectors/dense_heads.ts";

/** The inputs of terms, but the score weights, among tensors of these names. */
export function namedInputs(
  given: Record<string, tf.Tensor>,
  anchors: Anchors,
  modules?: DistillModules,
): Omit<TermInputs, "scoreWeights"> {
  const named = (prefix: string) =>
    Object.entries(given).filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]);
  const maps = (prefix: string) =>
    named(prefix).map(([, map]) => map as tf.Tensor4D);
  return {
    student: { ...outputsOf(given), features: maps("features ") },
    teacher: {
      classLogits: given.teacherClassLogits as tf.Tensor3D,
      boxLogits: given.teacherBoxLogits as tf.Tensor4D,
      features: maps("teacherFeatures "),
    },
    targets: targetsOf(given),
    regions: Object.fromEntries(named("region ")),
    anchors,
    modules,
  };
}

/** GFL's losses under the head of LD, and the inputs of terms. */
export function gflAndInputs(
  given: Record<string, tf.Tensor>,
  anchors: Anchors,
  modules?: DistillModules,
) {
  const inputs = namedInputs(given, anchors, modules);
  const { targets } = inputs;
  const gfl = gflLoss({ outputs: outputsOf(given), targets, anchors }, {
    head: "ld",
  });
  return { gfl, inputs: { ...inputs, scoreWeights: gfl.scoreWeights } };
}
