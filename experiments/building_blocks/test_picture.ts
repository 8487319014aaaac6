import { type Anchors, makeAnchors } from "../../lib/boxes/mod.ts";
import type { ImageRecord } from "../../lib/data/mod.ts";
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
  config: RunConfig,
  place: number,
): Promise<TestPicture> {
  const { images, order } = await testOrder(config);
  const index = order[place];
  if (index === undefined) {
    throw new RangeError(
      `Cannot open a test image: the place must be 0 to ${
        order.length - 1
      }: current value is ${place}`,
    );
  }
  return await pictureOf(config, images[index], index);
}

/**
 * Opens some test images for a figure's slider, from the one with the fewest
 * objects to the one with the most.
 *
 * @param config The data and the model of a run.
 * @param count How many, 2 or more; as many as there are where they are fewer.
 */
export async function openTestPictures(
  config: RunConfig,
  count: number,
): Promise<TestPicture[]> {
  const { images, order } = await testOrder(config);
  const places = Array.from(
    { length: count },
    (_, at) => Math.round(at * (order.length - 1) / (count - 1)),
  );
  return await Promise.all(
    [...new Set(places)].map((place) =>
      pictureOf(config, images[order[place]], order[place])
    ),
  );
}

/** The test images, and which have the fewest objects, but some. */
async function testOrder({ data }: RunConfig) {
  const { test: { images } } = await readSplits(data, () => {});
  const order = [...images.keys()]
    .filter((index) => images[index].labels.length > 0)
    .sort((a, b) => images[a].labels.length - images[b].labels.length || a - b);
  return { images, order };
}

async function pictureOf(
  { input, model }: RunConfig,
  record: ImageRecord,
  index: number,
): Promise<TestPicture> {
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
