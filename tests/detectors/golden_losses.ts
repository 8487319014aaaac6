/** The losses of dense heads on the golden cases of dense_heads.*. */
import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import type { CenternessOutputs } from "ldlab/detectors/dense_head.ts";
import type { LossInputs } from "ldlab/detectors/targets_guard.ts";
import type { Assignment } from "ldlab/regions/assignment.ts";
import type { GroundTruth } from "ldlab/regions/ground_truth.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { targetsOf } from "./dense_heads.ts";
import {
  headCases,
  headInputs,
  type Make,
  pulled,
  runHead,
} from "./golden_heads.ts";

/** A kind of detector: what it has beside its head. */
export interface LossKind {
  readonly kind: string;
  readonly make: Make;
  readonly anchors: Partial<Parameters<typeof makeAnchors>[0]>;
  readonly assign: (
    anchors: Anchors,
    gt: GroundTruth,
    options: { numClasses: number },
  ) => Assignment;
  /** The losses in the order of the golden ones: classes, boxes, centre-ness. */
  readonly losses: (inputs: LossInputs<CenternessOutputs>) => tf.Scalar[];
}

/** Labels, boxes and label weights of a batch, as `targetsOf` takes them. */
export function batchTargets(
  assignments: readonly Assignment[],
): Record<string, HostValues> {
  const rows = (
    read: (one: Assignment) => ArrayLike<number>,
    tail: number[],
  ) => ({
    shape: [assignments.length, assignments[0].labels.length, ...tail],
    data: assignments.flatMap((one) => Array.from(read(one))),
  });
  return {
    labels: rows(({ labels }) => labels, []),
    boxTargets: rows(({ boxTargets }) => boxTargets, [4]),
    labelWeights: rows(({ labelWeights }) => labelWeights, []),
  };
}

/** Fails unless the losses of a kind, and the norms of gradients, are the golden. */
export async function assertLosses(
  { kind, make, anchors: options, assign, losses }: LossKind,
): Promise<void> {
  const cases = (await headCases(kind)).filter((one) => !pulled(one));
  for (const { name, params, inputs: boxes, outputs, gradients } of cases) {
    const { weights, inputs } = headInputs(name);
    const { height, width, featmap_sizes: levelSizes } = params;
    const anchors = makeAnchors({ height, width, levelSizes, ...options });
    const targets = batchTargets(
      boxes.boxes.map((image: number[][], i: number) =>
        assign(anchors, {
          boxes: new Float32Array(image.flat()),
          labels: new Int32Array(boxes.labels[i]),
        }, params)
      ),
    );
    const f = (given: Record<string, tf.Tensor>) =>
      tf.stack(losses({
        outputs: runHead(make, params, given) as CenternessOutputs,
        targets: targetsOf(given),
        anchors,
      }));
    const all = { ...inputs, ...targets };
    for (const [place, found] of await everywhere(f, all, weights)) {
      assertClose(
        found.value,
        Object.values(outputs.losses),
        { relative: 1e-4, absolute: 1e-6 },
        `${name} on ${place}`,
      );
      for (const weight of weights) {
        assertClose(
          [Math.hypot(...found.gradients[weight])],
          [gradients[weight]],
          { relative: 1e-3, absolute: 1e-5 },
          `${name} on ${place}: gradient of ${weight}`,
        );
      }
    }
  }
}
