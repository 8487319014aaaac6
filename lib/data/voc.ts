import { setImmediate } from "node:timers/promises";
import type { Dataset, DatasetWarning, ImageRecord } from "./dataset.ts";
import { nearestName } from "./nearest_name.ts";
import { parseVocAnnotation, type VocAnnotation } from "./voc_annotation.ts";

/** Which part of a Pascal VOC folder to read, and how. */
export interface VocOptions {
  /** Name of a list in `ImageSets/Main`, for example `trainval`. */
  readonly split: string;
  /** The class names; a class's index is its label. */
  readonly classes: readonly string[];
  /** Fail where boxes would be mended or skipped; false unless given. */
  readonly strict?: boolean;
}

/** A box that was mended or skipped, for the counted warning. */
interface Mended {
  readonly kind: DatasetWarning["kind"];
  readonly annotation: string;
  /** For example `object 12 (RBC [504, 337, 504, 337]) has no area`. */
  readonly what: string;
}

/** Files read in parallel; other work gets its turn before the next. */
const FILES_AT_ONCE = 16;
/** Records a warning names. */
const SHOWN = 3;

/**
 * Reads a split of a dataset laid out as Pascal VOC: `ImageSets/Main/*.txt`,
 * `Annotations/*.xml`, `JPEGImages/*.jpg`.
 *
 * Use it for BCCD, Pascal VOC and whatever annotation tools export as VOC.
 * Coordinates are kept as written, without VOC's subtraction of 1, as
 * MMDetection does since 3.0. Difficult objects are kept and marked. Images are
 * looked for here, and decoded when a loader needs them.
 *
 * A box of no area is skipped, a box partly outside its image is cut at the
 * border; each kind gives one counted warning in the dataset, in `strict` mode
 * an error. A box wholly outside, and an inverted box, are always errors: no
 * mending would be right.
 *
 * @param root The folder that holds the three folders.
 * @param options The split, the classes, strictness.
 * @returns The dataset, in the order of the split's list. An image without
 * boxes stays.
 * @throws {Deno.errors.NotFound} If the split's list, an annotation or an image
 * is missing.
 * @throws {SyntaxError} If an annotation cannot be read.
 * @throws {RangeError} If the split is empty or names an image twice, a class
 * is unknown, or a box is wrong.
 * @see The VOC2012 development kit, section 2; MMDetection's `XMLDataset`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readVoc } from "ldlab/data/voc.ts";
 *
 * const bccd = await readVoc("data/bccd", {
 *   split: "trainval",
 *   classes: ["RBC", "WBC", "Platelets"],
 * });
 * assert.equal(bccd.images.length, 292);
 * assert.equal(bccd.images[0].boxes.length, 4 * bccd.images[0].labels.length);
 * ```
 */
export async function readVoc(
  root: string,
  { split, classes, strict = false }: VocOptions,
): Promise<Dataset> {
  const ids = await readSplit(`${root}/ImageSets/Main/${split}.txt`);
  const images: ImageRecord[] = [];
  const mended: Mended[] = [];
  for (let start = 0; start < ids.length; start += FILES_AT_ONCE) {
    const part = ids.slice(start, start + FILES_AT_ONCE);
    const read = await Promise.all(
      part.map((id) => readRecord(root, id, classes, split)),
    );
    for (const { record, mended: fixes } of read) {
      if (strict && fixes.length > 0) {
        throw new RangeError(
          `Cannot read annotation ${record.annotation}: ${
            fixes[0].what
          }. Correct or remove the object, or read with strict: false`,
        );
      }
      images.push(record);
      mended.push(...fixes);
    }
    await setImmediate();
  }
  const folder = root.replace(/\/+$/, "").split("/").at(-1);
  const warnings = (["no area", "clamped"] as const).flatMap((kind) =>
    warning(kind, mended.filter((one) => one.kind === kind))
  );
  return { name: `${folder}/${split}`, classes, images, warnings };
}

async function readSplit(list: string): Promise<string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(list);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read split: ${list} is missing. Name a list in ImageSets/Main, or write one: an image id a line`,
    );
  }
  const ids = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (ids.length === 0) {
    throw new RangeError(
      `Cannot read split ${list}: it names no image. Write an image id a line`,
    );
  }
  const seen = new Set<string>();
  for (const [index, id] of ids.entries()) {
    if (seen.has(id)) {
      throw new RangeError(
        `Cannot read split ${list}: ${id} (name ${
          index + 1
        }) stands there twice. Remove one of them`,
      );
    }
    seen.add(id);
  }
  return ids;
}

async function readRecord(
  root: string,
  id: string,
  classes: readonly string[],
  split: string,
): Promise<{ record: ImageRecord; mended: Mended[] }> {
  const annotation = `${root}/Annotations/${id}.xml`;
  const path = `${root}/JPEGImages/${id}.jpg`;
  let text: string;
  try {
    text = await Deno.readTextFile(annotation);
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const [what, file] = text! === undefined
      ? ["annotation", annotation]
      : ["image", path];
    throw new Deno.errors.NotFound(
      `Cannot read ${id} of split ${split}: its ${what} ${file} is missing. Add the file, or take ${id} out of ImageSets/Main/${split}.txt`,
    );
  }
  const parsed = parseVocAnnotation(text, annotation);
  const { boxes, labels, difficult, mended } = checkObjects(
    parsed,
    classes,
    annotation,
  );
  return {
    record: {
      id,
      path,
      annotation,
      width: parsed.width,
      height: parsed.height,
      boxes: Float32Array.from(boxes),
      labels: Int32Array.from(labels),
      difficult: Uint8Array.from(difficult),
    },
    mended,
  };
}

function checkObjects(
  { width, height, objects }: VocAnnotation,
  classes: readonly string[],
  annotation: string,
) {
  const boxes: number[] = [];
  const labels: number[] = [];
  const difficult: number[] = [];
  const mended: Mended[] = [];
  for (const [index, object] of objects.entries()) {
    const [x1, y1, x2, y2] = object.box;
    const what = `object ${index} (${object.name} [${object.box.join(", ")}])`;
    const bad = (why: string) =>
      new RangeError(`Cannot read annotation ${annotation}: ${what} ${why}`);
    const label = classes.indexOf(object.name);
    if (label < 0) {
      const meant = nearestName(object.name, classes);
      throw bad(
        `is of an unknown class; the classes are ${classes.join(", ")}. ${
          meant === undefined ? "" : `Did you mean ${meant}? `
        }Correct the name, or add it to classes`,
      );
    }
    if (x2 < x1 || y2 < y1) {
      throw bad(
        "is inverted: xmin must not exceed xmax, nor ymin ymax. Swap the corners or remove the object",
      );
    }
    if (x1 === x2 || y1 === y2) {
      mended.push({ kind: "no area", annotation, what: `${what} has no area` });
      continue;
    }
    if (x1 >= width || y1 >= height || x2 <= 0 || y2 <= 0) {
      throw bad(
        `lies outside its image of ${width}x${height} pixels. Correct or remove the object, or correct <size>`,
      );
    }
    const clamped = [
      Math.max(x1, 0),
      Math.max(y1, 0),
      Math.min(x2, width),
      Math.min(y2, height),
    ];
    if (clamped.some((value, side) => value !== object.box[side])) {
      mended.push({
        kind: "clamped",
        annotation,
        what: `${what} reaches outside its image of ${width}x${height} pixels`,
      });
    }
    boxes.push(...clamped);
    labels.push(label);
    difficult.push(object.difficult ? 1 : 0);
  }
  return { boxes, labels, difficult, mended };
}

/** At most one warning for all boxes of a kind; it shows the first few. */
function warning(
  kind: DatasetWarning["kind"],
  mended: readonly Mended[],
): DatasetWarning[] {
  const count = mended.length;
  if (count === 0) return [];
  const done = kind === "no area"
    ? "Skipped boxes of no area"
    : "Cut boxes at their image's border";
  const shown = mended.slice(0, SHOWN)
    .map(({ annotation, what }) => `${annotation} ${what}`).join("; ");
  const rest = count > SHOWN ? `; and ${count - SHOWN} more` : "";
  return [{ kind, count, message: `${done}: ${count} (${shown}${rest})` }];
}
