/** What all losses of boxes have in common. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { ciouLoss } from "ldlab/losses/ciou.ts";
import { diouLoss } from "ldlab/losses/diou.ts";
import { efficientIouLoss } from "ldlab/losses/efficient_iou.ts";
import { eiouLoss } from "ldlab/losses/eiou.ts";
import { giouLoss } from "ldlab/losses/giou.ts";
import { iouLoss, type IouLossOptions } from "ldlab/losses/iou_loss.ts";
import "../everywhere.ts"; // registers the pure JS backend
import { assertClose } from "../golden.ts";

const seed = 1; // of the drawn boxes

type BoxLoss = (predicted: tf.Tensor, target: tf.Tensor) => tf.Tensor;

const iou = (form: IouLossOptions["form"]): BoxLoss => (predicted, target) =>
  iouLoss(predicted, target, { form });

const losses: Record<string, BoxLoss> = {
  "iouLoss() as log": iou("log"),
  "iouLoss() as linear": iou("linear"),
  "iouLoss() as square": iou("square"),
  "giouLoss()": giouLoss,
  "diouLoss()": diouLoss,
  "ciouLoss()": ciouLoss,
  "eiouLoss()": eiouLoss,
  "efficientIouLoss()": efficientIouLoss,
};

/** Eighths, whose differences and products float32 holds exactly. */
const eighths = (least: number, most: number) =>
  fc.integer({ min: 8 * least, max: 8 * most }).map((x) => x / 8);

/** A box within 100 of the origin, its sides from 1 to 50. */
const box = fc.tuple(
  eighths(-50, 50),
  eighths(-50, 50),
  eighths(1, 50),
  eighths(1, 50),
).map(([x, y, width, height]) => [x, y, x + width, y + height]);

const boxPairs = fc.array(fc.tuple(box, box), { minLength: 1 });

function valuesOf(loss: BoxLoss, pairs: number[][][]): Float32Array {
  return tf.tidy(() => {
    const [a, b] = [0, 1].map((i) =>
      tf.tensor2d(pairs.flatMap((pair) => pair[i]), [pairs.length, 4])
    );
    return loss(a, b).dataSync() as Float32Array;
  });
}

await tf.setBackend("cpu");

for (const [name, loss] of Object.entries(losses)) {
  Deno.test(`${name} does not change when both boxes move or grow alike`, () => {
    fc.assert(
      fc.property(
        boxPairs,
        fc.tuple(eighths(-50, 50), eighths(-50, 50)),
        fc.integer({ min: 2, max: 9 }),
        (pairs, [dx, dy], scale) => {
          const values = valuesOf(loss, pairs);
          const shift = [dx, dy, dx, dy];
          const move = (box: number[]) => box.map((x, i) => x + shift[i]);
          const grow = (box: number[]) => box.map((x) => x * scale);
          for (const change of [move, grow]) {
            const changed = pairs.map((pair) => pair.map(change));
            assertClose(valuesOf(loss, changed), values, { absolute: 1e-5 });
          }
        },
      ),
      { seed },
    );
  });

  Deno.test(`${name} is 0 for equal boxes and above 0 for others`, () => {
    fc.assert(
      fc.property(boxPairs, (pairs) => {
        const equal = valuesOf(loss, pairs.map(([a]) => [a, a]));
        assertClose(equal, pairs.map(() => 0), { absolute: 2e-6 });
        const other = valuesOf(
          loss,
          pairs.filter(([a, b]) => `${a}` !== `${b}`),
        );
        return other.every((value) => value > 1e-5);
      }),
      { seed },
    );
  });
}
