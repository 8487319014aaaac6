import type { DotaObject } from "./dota_labels.ts";
import { type DotaRecord, hullOf, makeDotaRecord } from "./dota_record.ts";
import { areaInside, type Rectangle } from "./polygon_area.ts";
import { type PatchOptions, slidingWindows } from "./sliding_windows.ts";
import type { SkippedRecords } from "./skipped_records.ts";

/**
 * Cuts an image of DOTA into patches, each with the objects it holds enough of.
 *
 * @param image The whole image.
 * @param objects Its objects.
 * @param options.patch How to cut.
 * @param options.classes The class names; a class's index is its label.
 * @param skipped Told of objects that no patch holds enough of.
 * @returns The patches, named as MMRotate names them: `P0001__1024__824___0` is
 * the window of 1024 pixels at x 824, y 0.
 * @throws {RangeError} If an option is out of range.
 */
export function cutPatches(
  { id, path, annotation, width, height }: Omit<
    DotaRecord,
    "window" | "polygons"
  >,
  objects: readonly DotaObject[],
  { patch: { size = 1024, overlap = 200, minimumOverlap = 0.7 }, classes }: {
    patch: PatchOptions;
    classes: readonly string[];
  },
  skipped: SkippedRecords,
): DotaRecord[] {
  if (!(minimumOverlap > 0 && minimumOverlap <= 1)) {
    throw new RangeError(
      `Cannot cut images into patches: minimumOverlap must be over 0 and at most 1: current value is ${minimumOverlap}`,
    );
  }
  const windows = slidingWindows({ width, height }, { size, overlap });
  const held = new Set<DotaObject>();
  const patches = windows.map(({ left, top }) => {
    const window = { left, top, width: size, height: size };
    const own = objects.filter((object) =>
      shareInside(object, window) >= minimumOverlap
    );
    for (const object of own) held.add(object);
    const place = `__${size}__${left}___${top}`;
    return makeDotaRecord(
      {
        id: `${id}${place}`,
        path: `${path}${place}`,
        annotation,
        width: size,
        height: size,
        window: {
          file: path,
          left,
          top,
          width: Math.min(size, width - left),
          height: Math.min(size, height - top),
        },
      },
      own.map((object) => ({
        ...object,
        polygon: object.polygon.map((value, at) =>
          value - (at % 2 === 0 ? left : top)
        ),
      })),
      classes,
    );
  });
  for (const object of objects) {
    if (held.has(object)) continue;
    skipped.add({
      kind: "in no patch",
      record: object.record,
      why: `has less than ${minimumOverlap} of its area in each patch`,
      remedy: "Cut larger patches",
    });
  }
  return patches;
}

/** The part of an object's area that a window holds, 0 to 1. */
function shareInside(
  { polygon, area }: DotaObject,
  window: Rectangle,
): number {
  const [x1, y1, x2, y2] = hullOf(polygon);
  const [right, bottom] = [
    window.left + window.width,
    window.top + window.height,
  ];
  if (x1 >= right || y1 >= bottom || x2 <= window.left || y2 <= window.top) {
    return 0;
  }
  if (x1 >= window.left && y1 >= window.top && x2 <= right && y2 <= bottom) {
    return 1; // Exactly, where rounding might give less.
  }
  return areaInside(polygon, window) / area;
}
