import type { ImageRecord } from "./dataset.ts";
import type { DotaObject } from "./dota_labels.ts";

/** An image or patch whose objects are quadrilaterals. */
export interface DotaRecord extends ImageRecord {
  /**
   * [G * 8], x and y of four corners around the object, in pixels of the image
   * or patch; not cut at its border.
   */
  readonly polygons: Float32Array;
  /** [G], 1 where the image or patch does not hold all of the object. */
  readonly truncated: Uint8Array;
}

/**
 * Makes the record of an image or patch from its objects.
 *
 *     box = [min x, min y, max x, max y]
 *
 * @param image What the record is besides its objects.
 * @param objects Corners in pixels of the image or patch, names in `classes`.
 * @param classes The class names; a class's index is its label.
 * @returns The record.
 */
export function makeDotaRecord(
  image: Pick<
    DotaRecord,
    "id" | "path" | "annotation" | "width" | "height" | "window"
  >,
  objects: readonly DotaObject[],
  classes: readonly string[],
): DotaRecord {
  const { width, height } = image;
  const hulls = objects.map(({ polygon }) => hullOf(polygon));
  return {
    ...image,
    boxes: Float32Array.from(hulls.flat()),
    labels: Int32Array.from(objects, ({ name }) => classes.indexOf(name)),
    difficult: Uint8Array.from(objects, ({ difficult }) => difficult ? 1 : 0),
    polygons: Float32Array.from(objects.flatMap(({ polygon }) => polygon)),
    truncated: Uint8Array.from(hulls, ([x1, y1, x2, y2]) => {
      return x1 < 0 || y1 < 0 || x2 > width || y2 > height ? 1 : 0;
    }),
  };
}

/**
 * The box around four corners.
 *
 * @param polygon [8], x and y of each corner.
 * @returns x1, y1, x2, y2.
 */
export function hullOf(
  polygon: readonly number[],
): [number, number, number, number] {
  const x = polygon.filter((_, at) => at % 2 === 0);
  const y = polygon.filter((_, at) => at % 2 === 1);
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}
