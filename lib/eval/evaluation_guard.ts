/** The boxes of one image, true or found, with any further fields. */
interface Image {
  readonly boxes: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/**
 * Refuses images and detections that cannot be evaluated together.
 *
 * Use it at the door of an evaluation: a field of another length or a NaN would
 * change the figures unseen.
 *
 * @param groundTruth What is in each image; every field but `boxes`, `[G, 4]`,
 * that is named in `fields` is `[G]` or missing.
 * @param detections What was found in each image, boxes `[N, 4]`, scores and
 * labels `[N]`.
 * @param options.numClasses At least 1; labels must be whole numbers in [0, numClasses).
 * @param options.fields Fields of the ground truth beside boxes and labels.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If there is no class, a label is not in [0, numClasses), or
 * a coordinate or score is NaN.
 */
export function requireEvaluable<Field extends string>(
  groundTruth: readonly (Image & { [field in Field]?: ArrayLike<number> })[],
  detections: readonly (Image & { readonly scores: ArrayLike<number> })[],
  { numClasses, fields }: {
    numClasses: number;
    fields: readonly Field[];
  },
): void {
  if (!(Number.isInteger(numClasses) && numClasses > 0)) {
    throw new RangeError(
      "Cannot evaluate: numClasses must be a whole number from 1: current " +
        `value is ${numClasses}`,
    );
  }
  if (groundTruth.length !== detections.length) {
    throw new TypeError(
      `Cannot evaluate: there must be detections for each of the ` +
        `${groundTruth.length} images: current number is ${detections.length}`,
    );
  }
  for (const [index, image] of groundTruth.entries()) {
    const others = fields.map((field) => [field, image[field]] as const);
    requireImage(
      `ground truth of image ${index}`,
      image,
      Object.fromEntries(others),
      numClasses,
    );
    const { scores } = detections[index];
    requireImage(
      `detections of image ${index}`,
      detections[index],
      { scores },
      numClasses,
    );
    requireNumbers("scores", `detections of image ${index}`, scores);
  }
}

function requireImage(
  what: string,
  { boxes, labels }: Image,
  others: Record<string, ArrayLike<number> | undefined>,
  numClasses: number,
): void {
  const count = labels.length;
  const lengths: [string, number | undefined][] = [
    ["boxes", boxes.length / 4],
    ...Object.entries(others).map(([field, values]) =>
      [field, values?.length] as [string, number | undefined]
    ),
  ];
  for (const [field, length] of lengths) {
    if (length !== undefined && length !== count) {
      throw new TypeError(
        `Cannot evaluate: ${what} must have ${count} ${field}, one for each ` +
          `label: current number is ${length}`,
      );
    }
  }
  requireNumbers("boxes", what, boxes);
  for (let index = 0; index < count; index++) {
    const label = labels[index];
    if (!(Number.isInteger(label) && label >= 0 && label < numClasses)) {
      throw new RangeError(
        `Cannot evaluate: labels in the ${what} must be in [0, ${numClasses}): ` +
          `current value is ${label}`,
      );
    }
  }
}

function requireNumbers(
  field: string,
  what: string,
  values: ArrayLike<number>,
): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isNaN(values[index])) continue;
    throw new RangeError(
      `Cannot evaluate: ${field} in the ${what} must be numbers: current ` +
        `value ${index} is NaN`,
    );
  }
}
