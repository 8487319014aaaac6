/** Samples of a channel, or a part of them. */
export interface Samples {
  /** [rows * stride], row by row. */
  readonly data: Uint8ClampedArray;
  readonly stride: number;
  /** What of them is of the image. */
  readonly width: number;
  readonly height: number;
}

/**
 * Spreads the samples of a channel over the image, bit for bit as libjpeg: where
 * it has half as many of them, each new one is 3/4 of the nearest and 1/4 of the
 * next; at other ratios, and where a row has less than 3, they are repeated.
 *
 * @param samples The channel.
 * @param across How many times as wide the image is: a whole number.
 * @param down How many times as high.
 * @param width Of the image, pixels, at most `samples.width * across`.
 * @param height Of the image.
 * @returns [height * width], row by row.
 * @see libjpeg-turbo's `jdsample.c`: `h2v1_fancy_upsample`,
 * `h1v2_fancy_upsample`, `h2v2_fancy_upsample`, `int_upsample`.
 */
export function upsampleJpeg(
  samples: Samples,
  across: number,
  down: number,
  width: number,
  height: number,
): Uint8ClampedArray {
  const isSmoothAcross = across === 2 && samples.width > 2;
  const isSmooth = across === 1 && down === 2 ||
    isSmoothAcross && (down === 1 || down === 2);
  const { data, stride } = samples;
  const image = new Uint8ClampedArray(width * height);
  const near = (value: number, last: number) =>
    Math.min(Math.max(value, 0), last);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(y / down);
    const start = row * stride;
    const other = stride *
      (isSmooth && down === 2
        ? near(row + (y % 2 === 0 ? -1 : 1), samples.height - 1)
        : row);
    for (let x = 0; x < width; x++, to++) {
      const column = Math.floor(x / across);
      if (!isSmooth) {
        image[to] = data[start + column];
        continue;
      }
      if (across === 1) {
        const bias = y % 2 === 0 ? 1 : 2;
        image[to] = (3 * data[start + column] + data[other + column] + bias) >>
          2;
        continue;
      }
      const isLeft = x % 2 === 0;
      const next = near(column + (isLeft ? -1 : 1), samples.width - 1);
      if (down === 1) {
        image[to] = next === column
          ? data[start + column]
          : (3 * data[start + column] + data[start + next] +
            (isLeft ? 1 : 2)) >> 2;
        continue;
      }
      const own = 3 * data[start + column] + data[other + column];
      const beside = 3 * data[start + next] + data[other + next];
      image[to] = (3 * own + beside + (isLeft ? 8 : 7)) >> 4;
    }
  }
  return image;
}
