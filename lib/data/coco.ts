import { groupCocoBoxes } from "./coco_boxes.ts";
import { readCocoFile } from "./coco_file.ts";
import { type CocoCategory, type CocoImage, nameOf } from "./coco_records.ts";
import type { Dataset } from "./dataset.ts";
import { nearestName } from "./nearest_name.ts";
import { SkippedRecords } from "./skipped_records.ts";

/** Which COCO annotation file to read, and how. */
export interface CocoOptions {
  /** The file, for example `annotations/instances_train2017.json`. */
  readonly annotations: string;
  /** The folder that the file's names of images are relative to. */
  readonly images: string;
  /**
   * The names of the categories to learn; a category's index is its label. All,
   * in the file's order, unless given. Other categories' boxes are left out.
   */
  readonly classes?: readonly string[];
  /**
   * Leave out images without any annotation of the classes, as MMDetection's
   * `filter_empty_gt`; false unless given.
   */
  readonly dropEmpty?: boolean;
  /**
   * Leave out images whose shorter side has fewer pixels, as MMDetection's
   * `min_size`; 0 unless given.
   */
  readonly minSide?: number;
  /** Fail where MMDetection skips a box in silence; false unless given. */
  readonly strict?: boolean;
  /** Skip records that are wrong instead of failing; false unless given. */
  readonly skipBad?: boolean;
}

/** Images of a COCO file, with what COCO's result JSON calls them. */
export interface CocoDataset extends Dataset {
  /** For `writeCocoResults` and `readCocoResults`. */
  readonly ids: {
    /** The file's ids, in the order of the dataset's images. */
    readonly images: readonly { readonly id: number | string }[];
    /** The category of each label. */
    readonly categories: readonly CocoCategory[];
  };
}

/**
 * Reads a dataset in COCO's annotation format (`instances_*.json`).
 *
 * Use it for COCO and whatever annotation tools export as COCO. The file is
 * read piece by piece, so its size does not matter; masks, captions and other
 * fields are passed over. Categories, whose ids may have gaps, become labels
 * from 0; `ids` leads back. Images are looked for here, and decoded when a
 * loader needs them.
 *
 *     box = [x, y, x + width, y + height]
 *
 * as written, not cut at the image's border: MMDetection and pycocotools take
 * it so. `areas` and `crowd` are pycocotools' (which does not look at `ignore`);
 * an annotation without `area` gets width × height. Crowds and ignored boxes are
 * marked `difficult`, thus not learnt.
 *
 * As in MMDetection, boxes narrower or lower than a pixel, of no area, or wholly
 * outside their image are skipped; each kind gives one counted warning in the
 * dataset, in `strict` mode an error. Records that are wrong are errors: a
 * missing field, a box that is not finite or has a negative side, an id that
 * stands twice or is unknown, an image file that is missing. With `skipBad` they
 * too are skipped, of doubles all but the first, with one warning a kind.
 *
 * @param options.annotations The file.
 * @param options.images The folder of the images.
 * @param options.classes Names of categories in the file, each once.
 * @param options.minSide Pixels, at least 0.
 * @returns The dataset, images and boxes in the order of the file.
 * @throws {Deno.errors.NotFound} If the file, the folder or an image is missing.
 * @throws {SyntaxError} If the file is not whole JSON, is not laid out as COCO's,
 * or a record lacks a field.
 * @throws {RangeError} If ids repeat or are unknown, a box is wrong, a class is
 * not in the file or twice, an option is out of range, or no image is left.
 * @see https://cocodataset.org/#format-data; MMDetection 3.3.0's `CocoDataset`,
 * which orders labels as the file does, even where `classes` are given in another
 * order: here the order of `classes` counts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readCoco } from "ldlab/data/coco.ts";
 *
 * const images = await Deno.makeTempDir();
 * const annotations = `${images}/instances.json`;
 * await Deno.writeFile(`${images}/a.jpg`, new Uint8Array());
 * await Deno.writeTextFile(annotations, `{
 *   "images": [{"id": 139, "file_name": "a.jpg", "width": 640, "height": 426}],
 *   "annotations": [{"id": 7, "image_id": 139, "category_id": 90, "bbox": [10, 20, 30, 40]}],
 *   "categories": [{"id": 90, "name": "toothbrush"}]}`);
 * const { classes, images: [image], ids } = await readCoco({ annotations, images });
 * assert.deepEqual([...image.boxes], [10, 20, 40, 60]);
 * assert.equal(classes[image.labels[0]], "toothbrush");
 * assert.equal(ids.categories[image.labels[0]].id, 90);
 * ```
 */
export async function readCoco({
  annotations: path,
  images: folder,
  classes: wanted,
  dropEmpty = false,
  minSide = 0,
  strict = false,
  skipBad = false,
}: CocoOptions): Promise<CocoDataset> {
  if (!(minSide >= 0)) {
    throw new RangeError(
      `Cannot read annotations ${path}: minSide must be at least 0: current value is ${minSide}`,
    );
  }
  const skipped = new SkippedRecords(path, (kind) => {
    if (kind === "no area" || kind === "outside") {
      return strict ? "strict: false" : undefined;
    }
    return skipBad ? undefined : "skipBad: true";
  });
  const file = await readCocoFile(path, skipped);
  const categories = pickCategories(file.categories, wanted, path);
  const groups = groupCocoBoxes(file, categories, skipped);
  const wantedImages = [...file.images.entries()].filter((
    [index, { width, height }],
  ) =>
    Math.min(width, height) >= minSide &&
    (!dropEmpty || groups.isAnnotated(index))
  );
  const found = await findFiles(
    wantedImages.map(([, image]) => image),
    folder,
    path,
    skipped,
  );
  const left = wantedImages.filter((_, place) => found[place]);
  if (left.length === 0) {
    throw new RangeError(
      `Cannot read annotations ${path}: no image is left of the ${file.images.length} in the file. Correct the file, or ask for more with classes, dropEmpty and minSide`,
    );
  }
  return {
    name: path.split("/").at(-1)!.replace(/\.json$/, ""),
    classes: categories.map(({ name }) => name),
    images: left.map(([index, { id, fileName, width, height }]) => ({
      id: String(id),
      path: `${folder}/${fileName}`,
      annotation: `${path}, image id ${id}`,
      width,
      height,
      ...groups.of(index),
    })),
    warnings: skipped.warnings,
    ids: { images: left.map(([, { id }]) => ({ id })), categories },
  };
}

/** The category of each label. */
function pickCategories(
  categories: readonly CocoCategory[],
  classes: readonly string[] | undefined,
  path: string,
): CocoCategory[] {
  const bad = (why: string) =>
    new RangeError(`Cannot read annotations ${path}: ${why}`);
  const names = classes ?? categories.map(({ name }) => name);
  if (names.length === 0) {
    throw bad("there is no class. Name at least one category of the file");
  }
  return names.map((name, label) => {
    if (names.indexOf(name) !== label) {
      throw bad(`class "${name}" stands twice. Name each class once`);
    }
    const same = categories.filter((category) => category.name === name);
    if (same.length === 1) return same[0];
    throw bad(
      same.length > 1
        ? `categories ${
          same.map(({ id }) => id).join(" and ")
        } are both named "${name}". Name them differently`
        : notAmong(name, categories.map((category) => category.name)),
    );
  });
}

function notAmong(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  return `class "${name}" is not among its categories: ${names.join(", ")}. ${
    meant === undefined ? "" : `Did you mean "${meant}"? `
  }Correct the name, or leave it out`;
}

/** Whether each image's file is there: one listing a folder, not a look a file. */
async function findFiles(
  images: readonly CocoImage[],
  root: string,
  path: string,
  skipped: SkippedRecords,
): Promise<boolean[]> {
  const folders = new Map([["", await listFiles(root)]]);
  if (folders.get("") === undefined) {
    throw new Deno.errors.NotFound(
      `Cannot read annotations ${path}: the folder of its images, ${root}, is missing. Give the folder that file_name is relative to`,
    );
  }
  const found: boolean[] = [];
  for (const { id, fileName, position } of images) {
    const split = fileName.lastIndexOf("/");
    const folder = fileName.slice(0, split + 1);
    if (!folders.has(folder)) {
      folders.set(folder, await listFiles(`${root}/${folder}`));
    }
    const there = folders.get(folder)?.has(fileName.slice(split + 1)) ?? false;
    found.push(there);
    if (there) continue;
    skipped.add({
      kind: "missing image",
      record: nameOf("images", position, id),
      why: `is ${root}/${fileName}, which is missing`,
      remedy: "Add the file, or remove the record and its annotations",
    });
  }
  return found;
}

/** The names in a folder; undefined where it is missing. */
async function listFiles(folder: string): Promise<Set<string> | undefined> {
  try {
    const names = new Set<string>();
    for await (const { name } of Deno.readDir(folder)) names.add(name);
    return names;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
