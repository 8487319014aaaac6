import { readSync } from "node:fs";
import { open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import {
  ANNOTATION_SIZE,
  type CocoCategory,
  type CocoImage,
  column,
  nameOf,
  readAnnotation,
  readCategory,
  readImage,
} from "./coco_records.ts";
import { JsonStream } from "./json_stream.ts";
import type { SkippedRecords } from "./skipped_records.ts";

/** What detection needs of a COCO annotation file. */
export interface CocoFile {
  /** In the file's order; ids differ. */
  readonly images: readonly CocoImage[];
  readonly categories: readonly CocoCategory[];
  /** `[A * ANNOTATION_SIZE]`, in the file's order; see `column`. */
  readonly annotations: Float64Array;
  /** The image ids that the column `image` counts; some may be unknown. */
  readonly imageIds: readonly (number | string)[];
}

const LISTS = ["images", "annotations", "categories"] as const;
/** Records read before other work gets its turn. */
const RECORDS_AT_ONCE = 4096;

/**
 * Reads a COCO annotation file piece by piece; of masks nothing is kept.
 *
 * Images and annotations that lack a field or have a wrong one are skipped.
 *
 * @param path The file.
 * @param skipped Told of them.
 * @returns What it holds.
 * @throws {Deno.errors.NotFound} If the file is missing.
 * @throws {SyntaxError} If the file is not JSON, or not laid out as COCO's.
 * @throws {RangeError} If ids of categories repeat.
 */
export async function readCocoFile(
  path: string,
  skipped: SkippedRecords,
): Promise<CocoFile> {
  let place = "";
  await using file = await open(path).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Deno.errors.NotFound(
      `Cannot read annotations ${path}: the file is missing. Give the path of a COCO annotation file`,
    );
  });
  const json = new JsonStream(
    (into) => readSync(file.fd, into),
    (problem) =>
      `Cannot read annotations ${path}: it is not whole JSON: ${problem}` +
      `${place && `, in ${place}`}. Write or download the file again`,
  );
  const bad = (why: string) =>
    new SyntaxError(`Cannot read annotations ${path}: ${why}`);

  const images: CocoImage[] = [];
  const categories: CocoCategory[] = [];
  const table = new NumberTable();
  const places = new Map<number | string, number>();
  const knownIds = new Map<string, number>();
  const knownFiles = new Map<string, number>();
  const read = {
    images: (position: number) => {
      const image = readImage(json, position, skipped);
      if (!image) return;
      const twins = [
        [knownIds.get(String(image.id)), "id", image.id],
        [knownFiles.get(image.fileName), "file_name", image.fileName],
      ];
      for (const [twin, field, value] of twins) {
        if (twin === undefined) continue;
        return skipped.add({
          kind: "double id",
          record: nameOf("images", position, image.id),
          why: `has ${field} ${JSON.stringify(value)}, as images[${twin}] has`,
          remedy: "Correct or remove it",
        });
      }
      knownIds.set(String(image.id), position);
      knownFiles.set(image.fileName, position);
      images.push(image);
    },
    annotations: (position: number) => {
      const image = readAnnotation(json, position, table.row, skipped);
      if (image === undefined) return;
      if (!places.has(image)) places.set(image, places.size);
      table.row[column.image] = places.get(image)!;
      table.append();
    },
    categories: (position: number) => {
      const category = readCategory(json);
      if (!category) {
        throw bad(
          `categories[${position}] must have an integer "id" and a text "name". Correct or remove it`,
        );
      }
      if (categories.some(({ id }) => id === category.id)) {
        throw new RangeError(
          `Cannot read annotations ${path}: categories[${position}] has id ${category.id}, which stands there twice. Give it another id or remove it`,
        );
      }
      categories.push(category);
    },
  };

  const seen = new Set<string>();
  if (json.kind() !== "object") {
    throw bad(
      `it must be an object with ${
        LISTS.join(", ")
      }: it is of kind ${json.kind()}. A list of results is read by readCocoResults()`,
    );
  }
  json.enterObject();
  for (let key; (key = json.nextKey()) !== undefined; place = "") {
    const list = LISTS.find((name) => name === key);
    if (list === undefined) {
      json.skip();
      continue;
    }
    if (seen.has(list)) throw bad(`it has "${list}" twice. Remove one`);
    seen.add(list);
    if (json.kind() !== "array") {
      throw bad(`"${list}" must be an array: it is of kind ${json.kind()}`);
    }
    json.enterArray();
    place = `${list}[0]`;
    for (let position = 0; json.nextItem(); position++) {
      place = `${list}[${position}]`;
      read[list](position);
      if (position % RECORDS_AT_ONCE === 0) await setImmediate();
    }
  }
  json.end();
  for (const list of LISTS) {
    if (seen.has(list)) continue;
    throw bad(
      `it has no "${list}". Is it a COCO annotation file? Add the list, if need be empty`,
    );
  }
  return {
    images,
    categories,
    annotations: table.values,
    imageIds: [...places.keys()],
  };
}

/** Rows of numbers. */
class NumberTable {
  /** The row that `append` appends. */
  readonly row = new Float64Array(ANNOTATION_SIZE);
  #rows = new Float64Array(1024 * ANNOTATION_SIZE);
  #length = 0;

  append(): void {
    if (this.#length === this.#rows.length) {
      const longer = new Float64Array(this.#length * 2);
      longer.set(this.#rows);
      this.#rows = longer;
    }
    this.#rows.set(this.row, this.#length);
    this.#length += ANNOTATION_SIZE;
  }

  get values(): Float64Array {
    return this.#rows.subarray(0, this.#length);
  }
}
