import fc from "fast-check";

/** Classes of the images made up here. */
export const CLASSES = 2;

/** A box that lies on whole pixels below 100. */
const box = fc.record({
  x: fc.nat(40),
  y: fc.nat(40),
  w: fc.integer({ min: 1, max: 50 }),
  h: fc.integer({ min: 1, max: 50 }),
}).map(({ x, y, w, h }) => [x, y, x + w, y + h]);

const label = fc.nat(CLASSES - 1);

/** 0 to 4 boxes, no two alike. */
const truth = fc.uniqueArray(fc.record({ box, label }), {
  maxLength: 4,
  selector: ({ box }) => box.join(),
}).map((all) => ({
  boxes: all.flatMap(({ box }) => box),
  labels: all.map(({ label }) => label),
}));

/** 1 to 4 images, each with what is in it; there is a box in the first. */
export const truths = fc.array(truth, { minLength: 1, maxLength: 4 })
  .filter(([first]) => first.labels.length > 0);

/** Images with up to 4 detections each, no two of one score, and an order. */
export const evaluation = truths.chain((truths) =>
  fc.record({
    truths: fc.constant(truths),
    found: fc.uniqueArray(
      fc.record({
        image: fc.nat(truths.length - 1),
        box,
        label,
        score: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 4 * truths.length, selector: ({ score }) => score },
    ),
    order: fc.shuffledSubarray([...truths.keys()], {
      minLength: truths.length,
    }),
  })
).map(({ truths, found, order }) => ({
  truths,
  detections: truths.map((_, index) => {
    const own = found.filter(({ image }) => image === index);
    return {
      boxes: own.flatMap(({ box }) => box),
      labels: own.map(({ label }) => label),
      scores: own.map(({ score }) => score),
    };
  }),
  order,
}));

/** Boxes found as they are, each score a little lower than the last. */
export function perfect(truth: { boxes: number[]; labels: number[] }) {
  return { ...truth, scores: truth.labels.map((_, index) => 1 / (1 + index)) };
}

/** The same detections, and one with the highest score where nothing is. */
export function withFalsePositive(
  { boxes, labels, scores }: {
    boxes: number[];
    labels: number[];
    scores: number[];
  },
  label: number,
) {
  return {
    boxes: [...boxes, 500, 500, 540, 540],
    labels: [...labels, label],
    scores: [...scores, 2],
  };
}
