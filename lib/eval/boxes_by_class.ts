/**
 * The boxes of an image by class.
 *
 * @param labels `[N]`: class of each box.
 * @param order Indices of the boxes, in the order wanted; that of the image by
 * default.
 * @returns Each class's indices, in that order.
 */
export function indicesByLabel(
  labels: ArrayLike<number>,
  order: readonly number[] = [...Array(labels.length).keys()],
): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (const index of order) {
    const same = indices.get(labels[index]);
    if (same === undefined) indices.set(labels[index], [index]);
    else same.push(index);
  }
  return indices;
}

/**
 * The detections of an image by class, highest score first.
 *
 * @param detections Labels and scores, `[N]` each.
 * @returns Each class's indices; equal scores keep their order.
 */
export function bestByLabel(
  { labels, scores }: {
    readonly labels: ArrayLike<number>;
    readonly scores: ArrayLike<number>;
  },
): Map<number, number[]> {
  const order = [...Array(labels.length).keys()];
  return indicesByLabel(labels, order.sort((a, b) => scores[b] - scores[a]));
}

/**
 * Some boxes of an image.
 *
 * @param boxes `[N, 4]`.
 * @param indices Which.
 * @returns `[indices.length, 4]`.
 */
export function pickBoxes(
  boxes: ArrayLike<number>,
  indices: readonly number[],
): Float64Array {
  const result = new Float64Array(indices.length * 4);
  for (let place = 0; place < result.length; place++) {
    result[place] = boxes[indices[place >> 2] * 4 + place % 4];
  }
  return result;
}
