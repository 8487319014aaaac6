/**
 * Weights of GFL's losses, each finite; as published (1, 2, 0.25) unless given. A
 * loss of weight 0 is not computed: it is 0 and has no gradient. The paper of LD
 * says that DFL may be left out under LD (`dfl: 0`); its released configs keep it.
 * Those for VOC have complete IoU in place of GIoU: `{ giou: 0, ciou: 2 }`.
 */
export interface DetectorLossWeights {
  readonly qfl?: number;
  readonly giou?: number;
  readonly dfl?: number;
  /** Of complete IoU, weighted and normalised as GIoU; 0 unless given. */
  readonly ciou?: number;
}

/** What GFL's losses weigh unless told, as published. */
export const GFL_LOSS_WEIGHTS = {
  qfl: 1,
  giou: 2,
  dfl: 0.25,
  ciou: 0,
} as const;

/**
 * Spells out the weights of GFL's losses, and checks them.
 *
 * Use it where weights come from outside, before anything runs; `gflLoss` calls it
 * by itself.
 *
 * @param given Weights that differ from the published.
 * @returns All weights.
 * @throws {RangeError} If a loss is unknown or a weight not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeLossWeights } from "ldlab/detectors/gfl_loss_weights.ts";
 *
 * const { giou, dfl } = completeLossWeights({ dfl: 0 });
 * assert.deepEqual([giou, dfl], [2, 0]);
 * ```
 */
export function completeLossWeights(
  given: DetectorLossWeights = {},
): Required<DetectorLossWeights> {
  for (const [name, weight] of Object.entries(given)) {
    if (!Object.hasOwn(GFL_LOSS_WEIGHTS, name)) {
      throw new RangeError(
        `Cannot compute the GFL losses: weights must be of ${
          Object.keys(GFL_LOSS_WEIGHTS).join(", ")
        }: current one is of "${name}"`,
      );
    }
    if (weight !== undefined && !Number.isFinite(weight)) {
      throw new RangeError(
        `Cannot compute the GFL losses: the weight of ${name} must be finite: ` +
          `current value is ${weight}`,
      );
    }
  }
  const { qfl, giou, dfl, ciou } = GFL_LOSS_WEIGHTS;
  return {
    qfl: given.qfl ?? qfl,
    giou: given.giou ?? giou,
    dfl: given.dfl ?? dfl,
    ciou: given.ciou ?? ciou,
  };
}
