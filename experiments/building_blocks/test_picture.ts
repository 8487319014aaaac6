import { type Anchors, makeAnchors } from "../../lib/boxes/mod.ts";
import type { GroundTruth } from "../../lib/regions/mod.ts";
import type { PyramidPicture } from "../../lib/report/mod.ts";
import type { RunConfig } from "../config.ts";
import { readSplits } from "../data.ts";
import { imageSource, inputBoxes } from "../image_source.ts";
import { stretchedSize } from "../stretched_size.ts";

/** A test image as the network sees it, and what lies on it. */
export interface TestPicture {
  /** Which image of the test split. */
  readonly index: number;
  readonly imageSize: { readonly width: number; readonly height: number };
  readonly anchors: Anchors;
  readonly gt: GroundTruth;
  readonly numClasses: number;
  /** The same for a figure. */
  readonly pyramid: PyramidPicture;
}

/**
 * Opens a test image for the figures of regions.
 *
 * @param config The data and the model of a run.
 * @param place Which image: 0 has the fewest objects, the next one the next
 * fewest; of equal images the first comes first.
 * @throws {RangeError} If there is no such image.
 */
export async function openTestPicture(
  { data, input, model }: RunConfig,
  place: number,
): Promise<TestPicture> {
  const { test } = await readSplits(data, () => {});
  const order = [...test.images.keys()].filter((index) =>
    test.images[index].labels.length > 0
  ).sort((a, b) =>
    test.images[a].labels.length - test.images[b].labels.length || a - b
  );
  const index = order[place];
  if (index === undefined) {
    throw new RangeError(
      `Cannot open a test image: the place must be 0 to ${
        order.length - 1
      }: current value is ${place}`,
    );
  }
  const record = test.images[index];
  const imageSize = stretchedSize({ input });
  const anchors = makeAnchors(imageSize);
  const boxes = inputBoxes(record, imageSize);
  return {
    index,
    imageSize,
    anchors,
    gt: { boxes, labels: record.labels },
    numClasses: model.numClasses,
    pyramid: {
      image: { source: await imageSource(record), ...imageSize },
      name: record.id,
      truth: Array.from(
        record.labels,
        (_label, box) => boxes.subarray(box * 4, box * 4 + 4),
      ),
      levels: anchors.levels.map(({ stride, height, width }) => ({
        // P3 has stride 8: the name is the power of 2.
        name: `P${Math.log2(stride)}`,
        stride,
        height,
        width,
      })),
    },
  };
}
