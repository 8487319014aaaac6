import type { CocoDetections } from "./coco_images.ts";
import type { Detections } from "./detections.ts";

/** One detection as COCO's result JSON has it. */
export interface CocoResult {
  readonly image_id: number | string;
  readonly category_id: number;
  /** x, y of the upper left corner, width and height in original pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly score: number;
}

/** What the ids of results stand for; the lists of COCO's JSON fit as they are. */
export interface CocoIds {
  /** The images in the order of the detections; records of a data set fit. */
  readonly images: readonly { readonly id: number | string }[];
  /** The category of each label, from 0; ids may have gaps. */
  readonly categories: readonly { readonly id: number }[];
}

/**
 * Writes detections as COCO result JSON, which pycocotools and COCO's server read.
 *
 * Use it to have detections judged elsewhere, or to keep them. A box of edges
 * x1, y1, x2, y2 becomes
 *
 *     bbox = [x1, y1, x2 - x1, y2 - y1]
 *
 * in float64, one record a line. `readCocoResults` gives detections of float32
 * back bit by bit, but for two curiosities: -0 becomes 0, and x2 may round where
 * it is 2^28 times nearer to 0 than a negative x1. pycocotools' `loadRes` fails
 * on a list without any record.
 *
 * @param detections What was found in each image; boxes `[N, 4]` in pixels of
 * the original image, scores and labels `[N]`.
 * @param ids The images, in the same order, and the category of each label.
 * @returns The JSON text: an array of `CocoResult`, image after image.
 * @throws {TypeError} If there are not as many images as detections.
 * @throws {RangeError} If a label has no category, ids repeat, a coordinate or
 * score is not finite, or a box is inverted.
 * @see https://cocodataset.org/#format-results, "Object Detection".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeCocoResults } from "ldlab/eval/coco_results.ts";
 *
 * const json = writeCocoResults(
 *   [{ boxes: [10, 20, 40, 60], scores: [0.5], labels: [1] }],
 *   { images: [{ id: 139 }], categories: [{ id: 1 }, { id: 90 }] },
 * );
 * const [result] = JSON.parse(json);
 * assert.deepEqual(result, { image_id: 139, category_id: 90, bbox: [10, 20, 30, 40], score: 0.5 });
 * ```
 */
export function writeCocoResults(
  detections: readonly CocoDetections[],
  { images, categories }: CocoIds,
): string {
  if (detections.length !== images.length) {
    throw new TypeError(
      `Cannot write COCO results: there must be detections for each of the ` +
        `${images.length} images: current number is ${detections.length}`,
    );
  }
  indexOfIds("write COCO results", "images", images);
  indexOfIds("write COCO results", "categories", categories);
  const lines = detections.flatMap(({ boxes, scores, labels }, image) => {
    const { id } = images[image];
    return Array.from({ length: labels.length }, (_, index) => {
      const bad = (why: string) =>
        new RangeError(
          `Cannot write COCO results: detection ${index} of image ` +
            `${JSON.stringify(id)} ${why}`,
        );
      const category = categories[labels[index]];
      if (category === undefined) {
        throw bad(
          `has label ${labels[index]}, for which there is no category: there ` +
            `are ${categories.length}. Give a category for each class`,
        );
      }
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map((at) => boxes[index * 4 + at]);
      const score = scores[index];
      if (![x1, y1, x2, y2, score].every(Number.isFinite)) {
        throw bad(
          `must have finite edges and a finite score: current values are ` +
            `[${[x1, y1, x2, y2].join(", ")}] and ${score}. Leave it out`,
        );
      }
      if (x2 < x1 || y2 < y1) {
        throw bad(
          `is inverted: x1 must not exceed x2, nor y1 y2: current value is ` +
            `[${[x1, y1, x2, y2].join(", ")}]. Swap the edges or leave it out`,
        );
      }
      const result: CocoResult = {
        image_id: id,
        category_id: category.id,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
      };
      return JSON.stringify(result);
    });
  });
  return lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`;
}

/**
 * Reads COCO result JSON, as pycocotools, MMDetection and `writeCocoResults`
 * write it.
 *
 * Use it to evaluate what another detector found, or detections kept earlier.
 *
 *     box = [x, y, x + width, y + height]
 *
 * @param results The JSON text, or what it parses to: an array of `CocoResult`;
 * further fields are passed over.
 * @param ids The images wanted, and the category of each label.
 * @param source Named in errors, for example the file's path.
 * @returns The detections of each image, in the order of `ids.images`, highest
 * score first (ties in the order of the results); none for an image without
 * results.
 * @throws {SyntaxError} If the text is not JSON, or a record lacks a field or
 * has one of the wrong kind.
 * @throws {RangeError} If an image or category is unknown, a number not finite
 * in float32, a side negative, or ids repeat.
 * @see https://cocodataset.org/#format-results, "Object Detection".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readCocoResults } from "ldlab/eval/coco_results.ts";
 *
 * const json = '[{"image_id":139,"category_id":90,"bbox":[10,20,30,40],"score":0.5}]';
 * const ids = { images: [{ id: 139 }, { id: 285 }], categories: [{ id: 1 }, { id: 90 }] };
 * const [first, second] = readCocoResults(json, ids);
 * assert.deepEqual([...first.boxes], [10, 20, 40, 60]);
 * assert.deepEqual([...first.labels], [1]);
 * assert.equal(second.scores.length, 0);
 * ```
 */
export function readCocoResults(
  results: string | readonly unknown[],
  { images, categories }: CocoIds,
  source = "COCO results",
): Detections[] {
  const imageOf = indexOfIds(`read ${source}`, "images", images);
  const labelOf = indexOfIds(`read ${source}`, "categories", categories);
  const found = images.map((): Found[] => []);
  for (const [index, record] of recordsOf(results, source).entries()) {
    const at = `Cannot read ${source}: record ${index}`;
    const { image_id, category_id, bbox, score } = checkedResult(record, at);
    const image = imageOf.get(image_id);
    if (image === undefined) {
      throw new RangeError(
        `${at} is of image_id ${
          JSON.stringify(image_id)
        }, which is not among ` +
          `the ${images.length} images. Give the images the results were made ` +
          "for, or leave the record out",
      );
    }
    const label = labelOf.get(category_id);
    if (label === undefined) {
      throw new RangeError(
        `${at} is of category_id ${category_id}, which is not among the ` +
          `categories ${categories.map(({ id }) => id).join(", ")}. Give the ` +
          "category, or leave the record out",
      );
    }
    const [x, y, width, height] = bbox;
    const box = [x, y, x + width, y + height].map(Math.fround);
    if (![...box, Math.fround(score)].every(Number.isFinite)) {
      throw new RangeError(
        `${at} must have a finite bbox and score: current values are ` +
          `[${bbox.join(", ")}] and ${score}. Leave the record out`,
      );
    }
    if (width < 0 || height < 0) {
      throw new RangeError(
        `${at} has a bbox of negative width or height: current value is ` +
          `[${bbox.join(", ")}]. It must be [x, y, width, height]; leave the ` +
          "record out, or correct what wrote it",
      );
    }
    found[image].push({ box, score, label });
  }
  return found.map((own) => {
    own.sort((a, b) => b.score - a.score); // ties stay in order
    return {
      boxes: Float32Array.from(own.flatMap(({ box }) => box)),
      scores: Float32Array.from(own, ({ score }) => score),
      labels: Int32Array.from(own, ({ label }) => label),
    };
  });
}

interface Found {
  readonly box: number[];
  readonly score: number;
  readonly label: number;
}

function recordsOf(
  results: string | readonly unknown[],
  source: string,
): readonly unknown[] {
  let records: unknown = results;
  if (typeof results === "string") {
    try {
      records = JSON.parse(results);
    } catch (error) {
      throw new SyntaxError(
        `Cannot read ${source}: it is not JSON (${
          (error as Error).message
        }). ` +
          "Where it ends early, write it again; NaN and Infinity are not JSON, " +
          "leave such records out",
      );
    }
  }
  if (Array.isArray(records)) return records;
  throw new SyntaxError(
    `Cannot read ${source}: it must be an array of results, not ground truth ` +
      "with images and annotations",
  );
}

/** A record whose fields are all there and of the right kind. */
function checkedResult(record: unknown, at: string): CocoResult {
  const field = (name: keyof CocoResult, kind: string, fits: boolean) => {
    if (fits) return;
    throw new SyntaxError(
      `${at} must have a field "${name}", ${kind}: current record is ` +
        `${JSON.stringify(record)}. Correct it or leave it out`,
    );
  };
  const result = (record ?? {}) as CocoResult;
  const { image_id, category_id, bbox, score } = result;
  const isNumber = (value: unknown) => typeof value === "number";
  const isId = isNumber(image_id) || typeof image_id === "string";
  field("image_id", "a number or string", isId);
  field("category_id", "a number", isNumber(category_id));
  const isBox = Array.isArray(bbox) && bbox.length === 4 &&
    bbox.every(isNumber);
  field("bbox", "four numbers [x, y, width, height]", isBox);
  field("score", "a number", isNumber(score));
  return result;
}

/** The place of each id, which must stand once. */
function indexOfIds<Id>(
  task: string,
  what: string,
  list: readonly { readonly id: Id }[],
): Map<Id, number> {
  const places = new Map<Id, number>();
  for (const [index, { id }] of list.entries()) {
    if (places.has(id)) {
      throw new RangeError(
        `Cannot ${task}: the ids of ${what} must differ: ` +
          `${JSON.stringify(id)} stands twice`,
      );
    }
    places.set(id, index);
  }
  return places;
}
