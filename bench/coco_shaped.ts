import type { Dataset, ImageRecord, Size } from "../lib/data/mod.ts";
import { createRandom, integerBelow } from "../lib/random/mod.ts";

/** What share of a box must be in a window, to be one of its boxes. */
const SEEN = 0.8;

/**
 * Sizes of windows of a 640×480 image, twenty in turn, in shares near those of
 * COCO: 640×480 and 640×427 a third each, a quarter portrait, some square.
 */
export const COCO_LIKE: readonly Size[] = [
  ...Array(7).fill({ width: 640, height: 480 }),
  ...Array(7).fill({ width: 640, height: 427 }),
  ...Array(3).fill({ width: 360, height: 480 }),
  ...Array(2).fill({ width: 320, height: 480 }),
  { width: 480, height: 480 },
];

/**
 * A data set with images of 640×480 as one with the ratios of COCO: of each image
 * a window, with the boxes that are in it.
 *
 * @param dataset All images are 640×480.
 * @returns As many images.
 */
export function cocoShaped(dataset: Dataset): Dataset {
  const random = createRandom("windows");
  const images = dataset.images.map((image, index) => {
    // Twenty images further the sizes come again; 7 is prime to 20.
    const { width, height } = COCO_LIKE[index * 7 % COCO_LIKE.length];
    const left = integerBelow(random, image.width - width + 1);
    const top = integerBelow(random, image.height - height + 1);
    return cut(image, { left, top, width, height });
  });
  return { ...dataset, images };
}

function cut(
  image: ImageRecord,
  window: Size & { left: number; top: number },
): ImageRecord {
  const { left, top, width, height } = window;
  const inWindow = (at: number) => {
    const [x1, y1, x2, y2] = image.boxes.subarray(4 * at, 4 * at + 4);
    const clip = (value: number, side: number) =>
      Math.min(Math.max(value, 0), side);
    const box = [
      clip(x1 - left, width),
      clip(y1 - top, height),
      clip(x2 - left, width),
      clip(y2 - top, height),
    ];
    const seen = (box[2] - box[0]) * (box[3] - box[1]);
    return { at, box, seen: seen >= SEEN * (x2 - x1) * (y2 - y1) };
  };
  const kept = Array.from(image.labels.keys(), inWindow)
    .filter(({ seen }) => seen);
  return {
    id: image.id,
    path: `${image.path}#${left},${top},${width},${height}`,
    annotation: image.annotation,
    width,
    height,
    boxes: Float32Array.from(kept.flatMap(({ box }) => box)),
    labels: Int32Array.from(kept, ({ at }) => image.labels[at]),
    difficult: Uint8Array.from(kept, ({ at }) => image.difficult[at]),
    window: { file: image.path, left, top, width, height },
  };
}
