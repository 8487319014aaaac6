/** Pairs of boxes for the losses of boxes, and the geometry of a pair. */
import { rows } from "../float64.ts";
import type { LossEntry } from "./loss_entry.ts";

// deno-fmt-ignore
const usual = [ // predicted, target; no two edges meet
  1, 2, 9, 7,    3, 1, 12, 6, // in part
  0, 0, 4, 4,    1, 1.5, 3, 2, // around the target
  2, 2.5, 3, 3,  -1, 1, 5, 6, // inside the target
  -3, -2, 3, 5,  4, 7, 9, 8, // apart
];

// deno-fmt-ignore
const extremes = [ // predicted, target
  5, 6, 9, 8,          5, 6, 9, 8, // the same
  5, 5, 5, 5,          5, 5, 5, 5, // the same point
  0, 0, 0, 0,          0, 0, 0, 0, // padding
  5, 1, 5, 9,          2, 2, 7, 7, // no width
  2, 2, 7, 7,          5, 5, 5, 5, // no target
  0, 0, 1, 1,          1, 0, 2, 1, // an edge in common
  0, 0, 1, 1,          1, 1, 2, 2, // a corner in common
  -1e4, -1e4, -9999, -9999,  1e4, 1e4, 10001, 10001, // far
  5, 5, 5, 5,          1e4, 0, 1e4, 0, // points, far
  0, 0, 1e4, 1e4,      0, 0, 1, 1, // huge and of one pixel
];

/** The boxes of a list of pairs, as the inputs of a loss. */
function pairs(list: number[]) {
  const pair = rows(list, 8);
  const shape = [pair.length, 4];
  return {
    predicted: { shape, data: pair.flatMap((boxes) => boxes.slice(0, 4)) },
    target: { shape, data: pair.flatMap((boxes) => boxes.slice(4)) },
  };
}

/** Boxes that overlap in every way, without ties. */
export const usualPairs = pairs(usual);

/** Equal, empty, touching, far and huge boxes. */
export const extremePairs = pairs(extremes);

/** What the definitions of IoU losses are made of. */
export interface PairGeometry {
  /** The boxes: x1, y1, x2, y2. */
  a: number[];
  b: number[];
  intersection: number;
  union: number;
  /** Sides of the smallest box around both. */
  enclosing: [width: number, height: number];
  /** Squared distance of the centres. */
  distance: number;
}

/** The geometry of two boxes, in float64. */
export function geometryOf(a: number[], b: number[]): PairGeometry {
  const area = (box: number[]) => (box[2] - box[0]) * (box[3] - box[1]);
  const shared = (axis: number) =>
    Math.max(
      0,
      Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]),
    );
  const around = (axis: number) =>
    Math.max(a[axis + 2], b[axis + 2]) - Math.min(a[axis], b[axis]);
  const apart = (axis: number) =>
    (b[axis] + b[axis + 2] - a[axis] - a[axis + 2]) / 2;
  const intersection = shared(0) * shared(1);
  return {
    a,
    b,
    intersection,
    union: area(a) + area(b) - intersection,
    enclosing: [around(0), around(1)],
    distance: apart(0) ** 2 + apart(1) ** 2,
  };
}

/**
 * The reference of a loss of boxes, from its formula for one pair; `at` is the
 * pair at which what no gradient passes through is to be taken.
 */
export function ofPairs(
  formula: (pair: PairGeometry, at: PairGeometry) => number,
): LossEntry["reference"] {
  const geometry = ({ predicted, target }: Record<string, number[]>) => {
    const targets = rows(target, 4);
    return rows(predicted, 4).map((a, i) => geometryOf(a, targets[i]));
  };
  return (given, at) => {
    const pairs = geometry(at);
    return geometry(given).map((pair, i) => formula(pair, pairs[i]));
  };
}
