import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, edgeEntropy, makeAnchors } from "../lib/boxes/mod.ts";
import { assignAtss } from "../lib/regions/mod.ts";
import { inputBoxes } from "./image_source.ts";
import type { ImageOutputs } from "./test_outputs.ts";

/** A location that learns an object, and what a detector says of its edges. */
export interface SeenObject {
  /** Which of the images. */
  readonly image: number;
  /** Which object of the image. */
  readonly object: number;
  readonly anchor: number;
  /** The true box, [x1, y1, x2, y2] in pixels of the network's input. */
  readonly truth: readonly number[];
  /** The detector's score of the object's class. */
  readonly score: number;
  /** Entropy of the left, top, right and bottom edge at τ = 1, in nats. */
  readonly entropies: readonly number[];
}

/**
 * The positive locations of ATSS in images, with what a detector says there.
 *
 * @param outputs What the detector says about the images.
 * @param options.input Size of the network's input in pixels.
 * @param options.numClasses Classes.
 * @returns The locations, image after image.
 */
export async function searchEdges(
  outputs: readonly ImageOutputs[],
  { input, numClasses }: {
    input: { width: number; height: number };
    numClasses: number;
  },
): Promise<SeenObject[]> {
  const anchors = makeAnchors(input);
  const found: SeenObject[] = [];
  for (const [image, { record, classLogits, boxLogits }] of outputs.entries()) {
    const truth = inputBoxes(record, input);
    const entropies = await entropiesOf(boxLogits, anchors);
    const { gtIndex } = assignAtss(
      anchors,
      { boxes: truth, labels: record.labels },
      { numClasses },
    );
    gtIndex.forEach((object, anchor) => {
      if (object < 0) return;
      const label = record.labels[object];
      found.push({
        image,
        object,
        anchor,
        truth: [...truth.subarray(object * 4, object * 4 + 4)],
        score: sigmoid(classLogits[anchor * numClasses + label]),
        entropies: [...entropies.subarray(anchor * 4, anchor * 4 + 4)],
      });
    });
  }
  return found;
}

/**
 * The logits of the four edges that a detector predicts at a location.
 *
 * @returns Left, top, right and bottom: 4 × n.
 */
export function edgesAt(
  { boxLogits }: ImageOutputs,
  { anchor, anchors }: { anchor: number; anchors: Anchors },
): Float32Array[] {
  const bins = boxLogits.length / anchors.count / 4;
  return [0, 1, 2, 3].map((side) => {
    const from = (anchor * 4 + side) * bins;
    return boxLogits.slice(from, from + bins);
  });
}

/** [A, 4]: entropy of every edge. */
async function entropiesOf(
  boxLogits: Float32Array,
  { count }: Anchors,
): Promise<Float32Array> {
  const bins = boxLogits.length / count / 4;
  const entropies = tf.tidy(() =>
    edgeEntropy(tf.tensor3d(boxLogits, [count, 4, bins]))
  );
  const values = await entropies.data<"float32">();
  entropies.dispose();
  return values;
}

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
