import type { CocoFile } from "./coco_file.ts";
import {
  ANNOTATION_SIZE,
  type CocoCategory,
  column,
  nameOf,
} from "./coco_records.ts";
import type { ImageRecord } from "./dataset.ts";
import type { SkippedRecords } from "./skipped_records.ts";

/** The boxes of a COCO file by image. */
export interface CocoBoxes {
  /** Whether an image, by its index in the file, has annotations of the classes. */
  isAnnotated(image: number): boolean;
  /** The boxes of an image, by its index in the file. */
  of(
    image: number,
  ): Required<
    Pick<ImageRecord, "boxes" | "labels" | "difficult" | "areas" | "crowd">
  >;
}

/**
 * Sorts the annotations of a COCO file by image.
 *
 * Annotations of a double or unknown id are skipped, and boxes of no area or
 * outside their image.
 *
 * @param file The file.
 * @param categories The category of each label; others' boxes are left out.
 * @param skipped Told what is skipped.
 * @returns The boxes; an image's are in the file's order.
 */
export function groupCocoBoxes(
  file: CocoFile,
  categories: readonly CocoCategory[],
  skipped: SkippedRecords,
): CocoBoxes {
  const { images, annotations } = file;
  const at = (row: number, which: number) =>
    annotations[row * ANNOTATION_SIZE + which];
  const count = annotations.length / ANNOTATION_SIZE;
  const indexOf = new Map(images.map(({ id }, index) => [id, index]));
  const imageOf = Int32Array.from(
    file.imageIds,
    (id) => indexOf.get(id) ?? -1,
  );
  const known = new Set(file.categories.map(({ id }) => id));
  const labelOf = new Map(categories.map(({ id }, label) => [id, label]));
  const doubles = findDoubles(annotations);

  const annotated = new Uint8Array(images.length);
  const starts = new Int32Array(images.length + 1);
  const kept = new Int32Array(count).fill(-1); // image of each row
  for (let row = 0; row < count; row++) {
    const id = at(row, column.id);
    const skip = (
      kind: Parameters<SkippedRecords["add"]>[0]["kind"],
      why: string,
      remedy = "Correct or remove it",
    ) => {
      const record = nameOf("annotations", at(row, column.position), id);
      skipped.add({ kind, record, why, remedy });
    };
    const twin = doubles.get(id);
    if (twin === undefined) {
      // stands once
    } else if (twin === -1) doubles.set(id, at(row, column.position));
    else {
      const why = `has the id of annotations[${twin}]`;
      skip("double id", why, "Give it another id or remove it");
      continue;
    }
    const place = at(row, column.image);
    const image = imageOf[place];
    if (image < 0) {
      skip(
        "unknown id",
        `is of image_id ${
          JSON.stringify(file.imageIds[place])
        }, which no image has`,
        "Add the image or remove the annotation",
      );
      continue;
    }
    const category = at(row, column.category);
    if (!known.has(category)) {
      skip(
        "unknown id",
        `is of category_id ${category}, which no category has`,
        "Add the category or remove the annotation",
      );
      continue;
    }
    if (!labelOf.has(category)) continue;
    annotated[image] = 1;
    const start = row * ANNOTATION_SIZE + column.x;
    const [x, y, width, height] = annotations.subarray(start, start + 4);
    const box = `[${x}, ${y}, ${width}, ${height}]`;
    if (width < 1 || height < 1 || at(row, column.area) <= 0) {
      skip(
        "no area",
        `has bbox ${box} and area ${
          at(row, column.area)
        }: less than a pixel wide or high, or no area`,
      );
      continue;
    }
    const size = images[image];
    if (
      x >= size.width || y >= size.height || x + width <= 0 || y + height <= 0
    ) {
      skip(
        "outside",
        `has bbox ${box}, which lies outside its image of ${size.width}x${size.height} pixels`,
      );
      continue;
    }
    kept[row] = image;
    starts[image + 1]++;
  }

  for (let image = 0; image < images.length; image++) {
    starts[image + 1] += starts[image];
  }
  const rows = new Int32Array(starts[images.length]);
  const next = starts.slice();
  for (let row = 0; row < count; row++) {
    if (kept[row] >= 0) rows[next[kept[row]]++] = row;
  }
  return {
    isAnnotated: (image) => annotated[image] === 1,
    of(image) {
      const own = rows.subarray(starts[image], starts[image + 1]);
      const boxes = new Float32Array(own.length * 4);
      for (const [g, row] of own.entries()) {
        const [x, y] = [at(row, column.x), at(row, column.x + 1)];
        const far = [x + at(row, column.x + 2), y + at(row, column.x + 3)];
        boxes.set([x, y, ...far], g * 4);
      }
      const crowd = Uint8Array.from(own, (row) => at(row, column.crowd));
      return {
        boxes,
        labels: Int32Array.from(
          own,
          (row) => labelOf.get(at(row, column.category))!,
        ),
        difficult: Uint8Array.from(
          own,
          (row, g) => crowd[g] | at(row, column.ignore),
        ),
        areas: Float64Array.from(own, (row) => at(row, column.area)),
        crowd,
      };
    },
  };
}

/** The ids that stand more than once, each with -1. */
function findDoubles(annotations: Float64Array): Map<number, number> {
  const ids = new Float64Array(annotations.length / ANNOTATION_SIZE);
  for (let row = 0; row < ids.length; row++) {
    ids[row] = annotations[row * ANNOTATION_SIZE + column.id];
  }
  ids.sort();
  const doubles = new Map<number, number>();
  for (let place = 1; place < ids.length; place++) {
    if (ids[place] === ids[place - 1]) doubles.set(ids[place], -1);
  }
  return doubles;
}
