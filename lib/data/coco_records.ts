import type { JsonStream } from "./json_stream.ts";
import type { SkippedRecords } from "./skipped_records.ts";

/** An image of a COCO file. */
export interface CocoImage {
  readonly id: number | string;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** Its index in the file's list. */
  readonly position: number;
}

/** A category of a COCO file. */
export interface CocoCategory {
  readonly id: number;
  readonly name: string;
}

/** Where each number of an annotation stands. */
export const column = {
  id: 0,
  /** Index into `imageIds`. */
  image: 1,
  /** The category's id. */
  category: 2,
  /** Then y, width and height. */
  x: 3,
  area: 7,
  /** 1 for a crowd. */
  crowd: 8,
  /** 1 where the annotators want it ignored. */
  ignore: 9,
  /** Its index in the file's list. */
  position: 10,
} as const;

/** Numbers an annotation takes. */
export const ANNOTATION_SIZE = 11;

/**
 * Reads an image of a COCO file.
 *
 * @param json Stands before it.
 * @param position Its index in the file's list.
 * @param skipped Told where a field is missing or wrong.
 * @returns The image; undefined where it is skipped.
 */
export function readImage(
  json: JsonStream,
  position: number,
  skipped: SkippedRecords,
): CocoImage | undefined {
  const image: Record<string, unknown> = {};
  readFields(json, (key) => {
    switch (key) {
      case "id":
      case "file_name":
      case "width":
      case "height":
        image[key] = readScalar(json);
        break;
      default:
        json.skip();
    }
  });
  const { id, file_name: fileName, width, height } = image;
  const isSide = (side: unknown) => isInteger(side) && side > 0;
  const wanted = !isImageId(id)
    ? 'an "id", an integer or text'
    : typeof fileName !== "string" || fileName === ""
    ? 'a "file_name", a text'
    : !isSide(width) || !isSide(height)
    ? 'a "width" and a "height", positive integers'
    : undefined;
  if (wanted === undefined) {
    return { id, fileName, width, height, position } as CocoImage;
  }
  skipped.add({
    kind: "missing field",
    record: nameOf("images", position, id),
    why: `must have ${wanted}`,
    remedy: "Correct or remove it",
  });
}

/**
 * Reads an annotation of a COCO file.
 *
 * @param json Stands before it.
 * @param position Its index in the file's list.
 * @param row `[ANNOTATION_SIZE]`: gets its numbers, but for `image`.
 * @param skipped Told where a field is missing or wrong.
 * @returns The image's id; undefined where the annotation is skipped.
 */
export function readAnnotation(
  json: JsonStream,
  position: number,
  row: Float64Array,
  skipped: SkippedRecords,
): number | string | undefined {
  let id: unknown;
  let imageId: unknown;
  let category: unknown;
  let area: unknown;
  let sides = 0;
  row.fill(0);
  row[column.position] = position;
  readFields(json, (key) => {
    switch (key) {
      case "id":
        id = readScalar(json);
        break;
      case "image_id":
        imageId = readScalar(json);
        break;
      case "category_id":
        category = readScalar(json);
        break;
      case "bbox":
        sides = readBox(json, row);
        break;
      case "area":
        area = readScalar(json);
        break;
      case "iscrowd":
        row[column.crowd] = readScalar(json) ? 1 : 0;
        break;
      case "ignore":
        row[column.ignore] = readScalar(json) ? 1 : 0;
        break;
      default:
        json.skip();
    }
  });
  const record = () => nameOf("annotations", position, id);
  const remedy = "Correct or remove it";
  const wanted = !isInteger(id)
    ? 'an "id", an integer'
    : !isImageId(imageId)
    ? 'an "image_id", an integer or text'
    : !isInteger(category)
    ? 'a "category_id", an integer'
    : sides !== 4
    ? 'a "bbox", four numbers [x, y, width, height]'
    : area !== undefined && typeof area !== "number"
    ? 'as "area", if any, a number'
    : undefined;
  if (wanted !== undefined) {
    const why = `must have ${wanted}`;
    skipped.add({ kind: "missing field", record: record(), why, remedy });
    return;
  }
  const [x, y, width, height] = row.subarray(column.x, column.x + 4);
  row[column.id] = id as number;
  row[column.category] = category as number;
  row[column.area] = (area ?? width * height) as number;
  const numbers = [x, y, width, height, x + width, y + height];
  numbers.push(row[column.area]);
  if (
    !numbers.every((value) => Number.isFinite(Math.fround(value))) ||
    width < 0 || height < 0 || row[column.area] < 0
  ) {
    const why = `has bbox [${[x, y, width, height].join(", ")}] and area ${
      row[column.area]
    }, which must be finite, width, height and area not negative`;
    skipped.add({ kind: "wrong box", record: record(), why, remedy });
    return;
  }
  return imageId as number | string;
}

/**
 * Reads a category of a COCO file.
 *
 * @param json Stands before it.
 * @returns The category; undefined where a field is missing or wrong.
 */
export function readCategory(json: JsonStream): CocoCategory | undefined {
  let id: unknown;
  let name: unknown;
  readFields(json, (key) => {
    if (key === "id") id = readScalar(json);
    else if (key === "name") name = readScalar(json);
    else json.skip();
  });
  if (isInteger(id) && typeof name === "string" && name !== "") {
    return { id, name };
  }
}

/**
 * What errors call a record.
 *
 * @param list The list of the file.
 * @param position The record's index there.
 * @param id Its id, if it has one.
 * @returns For example `annotations[12] (id 345)`.
 */
export function nameOf(
  list: "images" | "annotations",
  position: number,
  id: unknown,
): string {
  const known = typeof id === "number" || typeof id === "string";
  return `${list}[${position}]${known ? ` (id ${JSON.stringify(id)})` : ""}`;
}

/** Calls for each key of an object; anything else has none. */
function readFields(json: JsonStream, read: (key: string) => void): void {
  if (json.kind() !== "object") return json.skip();
  json.enterObject();
  for (let key; (key = json.nextKey()) !== undefined;) read(key);
}

/** A value that is no object or array; those are skipped. */
function readScalar(json: JsonStream): unknown {
  const kind = json.kind();
  if (kind === "number") return json.readNumber();
  if (kind === "string") return json.readString();
  if (kind !== "object" && kind !== "array") return json.readLiteral();
  json.skip();
}

/** Writes a box into a row; returns how many numbers it has, -1 if others. */
function readBox(json: JsonStream, row: Float64Array): number {
  if (json.kind() !== "array") {
    json.skip();
    return -1;
  }
  let count = 0;
  let numbers = true;
  json.enterArray();
  for (; json.nextItem(); count++) {
    const value = readScalar(json);
    if (typeof value !== "number") numbers = false;
    else if (count < 4) row[column.x + count] = value;
  }
  return numbers ? count : -1;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isImageId(value: unknown): value is number | string {
  return isInteger(value) || typeof value === "string";
}
