import type { Size } from "../lib/data/mod.ts";

/**
 * A map with another size, its upper left corner as it was: rows and columns at
 * the right and below are taken off, or added as zeros.
 *
 * @param values [from.height * from.width * channels].
 * @param options.from The map's size.
 * @param options.to The size that is wanted.
 * @param options.channels Numbers a place.
 * @returns [to.height * to.width * channels].
 */
export function resizeCorner<T extends Float32Array | Int32Array>(
  values: T,
  { from, to, channels }: { from: Size; to: Size; channels: number },
): T {
  const length = to.height * to.width * channels;
  const resized = new (values.constructor as { new (length: number): T })(
    length,
  );
  const columns = Math.min(from.width, to.width) * channels;
  for (let y = 0; y < Math.min(from.height, to.height); y++) {
    const start = y * from.width * channels;
    resized.set(
      values.subarray(start, start + columns),
      y * to.width * channels,
    );
  }
  return resized;
}
