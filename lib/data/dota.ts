import { setImmediate } from "node:timers/promises";
import type { Dataset } from "./dataset.ts";
import { type DotaObject, parseDotaLabels } from "./dota_labels.ts";
import { listDotaImages } from "./dota_images.ts";
import { cutPatches } from "./dota_patches.ts";
import { type DotaRecord, hullOf, makeDotaRecord } from "./dota_record.ts";
import { nearestName } from "./nearest_name.ts";
import type { PatchOptions } from "./sliding_windows.ts";
import { SkippedRecords } from "./skipped_records.ts";

/** The classes of DOTA 1.0, in MMRotate's order. */
export const DOTA_CLASSES: readonly string[] = [
  "plane",
  "baseball-diamond",
  "bridge",
  "ground-track-field",
  "small-vehicle",
  "large-vehicle",
  "ship",
  "tennis-court",
  "basketball-court",
  "storage-tank",
  "soccer-ball-field",
  "roundabout",
  "harbor",
  "swimming-pool",
  "helicopter",
];

/** Which part of a DOTA folder to read, and how. */
export interface DotaOptions {
  /** A folder with `images` and `labelTxt`, for example `train`. */
  readonly split: string;
  /** The class names; a class's index is its label. DOTA 1.0's unless given. */
  readonly classes?: readonly string[];
  /** Cut images into patches; `{}` for the published ones. Whole unless given. */
  readonly patch?: PatchOptions;
  /** Leave out images or patches without objects; false unless given. */
  readonly dropEmpty?: boolean;
  /** Fail where objects without area or outside are skipped; false unless given. */
  readonly strict?: boolean;
  /** Skip records that are wrong instead of failing; false unless given. */
  readonly skipBad?: boolean;
}

/** Images or patches with quadrilaterals. */
export interface DotaDataset extends Dataset {
  readonly images: readonly DotaRecord[];
}

/** Files read in parallel; other work gets its turn before the next. */
const FILES_AT_ONCE = 16;

/**
 * Reads a split of a dataset laid out as DOTA: `images/*.png` or `.jpg`, and
 * `labelTxt/*.txt` of the same names.
 *
 * Use it for aerial images whose objects are quadrilaterals. `boxes` are their
 * horizontal hulls, so that every detector here can learn and be measured on
 * them; `polygons` are kept beside. Sizes come from the headers of the images,
 * whose pixels are decoded when a loader needs them.
 *
 *     hull = [min x, min y, max x, max y]
 *
 * With `patch`, each image becomes square windows, as MMRotate splits DOTA: one
 * every size − overlap pixels, the last moved back to the border, what lies
 * beyond a small image padded. An object is in a patch that holds enough of it,
 *
 *     area(polygon ∩ window) / area(polygon) ≥ minimumOverlap
 *
 * moved there whole, not cut, and `truncated` where it reaches out; elsewhere it
 * is left out. Objects that no patch holds enough of are counted in a warning.
 *
 * Difficult objects are marked, thus not learnt, as DOTA's evaluation does not
 * count them. MMRotate learns them as any other.
 *
 * Objects of no area or wholly outside their image are skipped; each kind gives
 * one counted warning in the dataset, in `strict` mode an error. Records that
 * are wrong are errors which name file and line: a line of another form, sides
 * that cross, an unknown class, an image or label file that is missing or two
 * images of a name, an image that is not PNG or JPEG or has more than 2^26
 * pixels. With `skipBad` they too are skipped, with one warning a kind.
 *
 * @param root The folder that holds the splits.
 * @param options.split The split's folder.
 * @param options.classes Names, each once.
 * @param options.patch Size and overlap in pixels, and the part of an object
 * that a patch must hold.
 * @returns The dataset, images in the order of their names, patches of an image
 * column by column. An image without objects stays, unless `dropEmpty`.
 * @throws {Deno.errors.NotFound} If a folder, an image or a label file is
 * missing.
 * @throws {SyntaxError} If a line, or an image's header, cannot be read.
 * @throws {RangeError} If an option is out of range, a class is unknown or
 * twice, an object is wrong, an image is too large, or no image is left.
 * @see G. S. Xia et al., DOTA: A Large-scale Dataset for Object Detection in
 * Aerial Images, CVPR 2018. MMRotate 0.3.4, `tools/data/dota/split/img_split.py`
 * with `ss_trainval.json`. MMRotate leaves out objects under 2 pixels wide when
 * it turns them into rotated boxes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readDota } from "ldlab/data/dota.ts";
 *
 * const root = await Deno.makeTempDir();
 * await Deno.mkdir(`${root}/val/images`, { recursive: true });
 * await Deno.mkdir(`${root}/val/labelTxt`);
 * await Deno.copyFile("data/bccd/JPEGImages/BloodImage_00000.jpg", `${root}/val/images/a.jpg`);
 * await Deno.writeTextFile(`${root}/val/labelTxt/a.txt`, "20 0 40 20 20 40 0 20 ship 0");
 * const { images: [image] } = await readDota(root, { split: "val", patch: {} });
 * assert.deepEqual([...image.boxes], [0, 0, 40, 40]);
 * assert.deepEqual([image.width, image.window?.width], [1024, 640]);
 * ```
 */
export async function readDota(
  root: string,
  {
    split,
    classes = DOTA_CLASSES,
    patch,
    dropEmpty = false,
    strict = false,
    skipBad = false,
  }: DotaOptions,
): Promise<DotaDataset> {
  const folder = `${root}/${split}`;
  const source = `${folder}/labelTxt`;
  checkClasses(classes, source);
  const skipped = new SkippedRecords(source, (kind) => {
    if (kind === "in no patch") return undefined;
    if (kind === "no area" || kind === "outside") {
      return strict ? "strict: false" : undefined;
    }
    return skipBad ? undefined : "skipBad: true";
  });
  const files = await listDotaImages(folder, skipped);
  const images: DotaRecord[] = [];
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const read = await Promise.all(
      files.slice(start, start + FILES_AT_ONCE).map(async (file) => ({
        file,
        text: await Deno.readTextFile(file.label),
        size: await file.readSize().catch((error: Error) => error),
      })),
    );
    for (const { file, text, size } of read) {
      if (size instanceof Error) {
        const isUnfit = size instanceof SyntaxError ||
          size instanceof RangeError;
        if (!skipBad || !isUnfit) throw size;
        skipped.add({
          kind: "unreadable image",
          record: `${file.id}.txt`,
          why: `has an image that cannot be read: ${size.message}`,
          remedy: "Convert it",
        });
        continue;
      }
      const objects = parseDotaLabels(text, `${file.id}.txt`, skipped)
        .filter((object) => isFit(object, size, classes, skipped));
      const whole = makeDotaRecord(
        { id: file.id, path: file.image, annotation: file.label, ...size },
        objects,
        classes,
      );
      const records = patch
        ? cutPatches(whole, objects, { patch, classes }, skipped)
        : [whole];
      images.push(
        ...records.filter(({ labels }) => labels.length > 0 || !dropEmpty),
      );
    }
    await setImmediate();
  }
  if (images.length === 0) {
    throw new RangeError(
      `Cannot read annotations ${source}: no image is left of ${files.length}. Correct the files, or read without dropEmpty`,
    );
  }
  const name = `${root.replace(/\/+$/, "").split("/").at(-1)}/${split}`;
  return { name, classes, images, warnings: skipped.warnings };
}

function checkClasses(classes: readonly string[], source: string): void {
  const twice = classes.find((name, label) => classes.indexOf(name) !== label);
  if (twice === undefined && classes.length > 0) return;
  throw new RangeError(
    `Cannot read annotations ${source}: ${
      twice === undefined
        ? "there is no class. Name at least one"
        : `class "${twice}" stands twice. Name each class once`
    }`,
  );
}

/** Whether an object is of a class and in its image; else it is skipped. */
function isFit(
  { record, name, polygon }: DotaObject,
  { width, height }: { width: number; height: number },
  classes: readonly string[],
  skipped: SkippedRecords,
): boolean {
  if (!classes.includes(name)) {
    const meant = nearestName(name, classes);
    skipped.add({
      kind: "unknown class",
      record,
      why: `is of an unknown class; the classes are ${classes.join(", ")}`,
      remedy: `${
        meant === undefined ? "" : `Did you mean ${meant}? `
      }Correct the name, or add it to classes`,
    });
    return false;
  }
  const [x1, y1, x2, y2] = hullOf(polygon);
  if (x1 < width && y1 < height && x2 > 0 && y2 > 0) return true;
  skipped.add({
    kind: "outside",
    record,
    why: `has corners [${
      polygon.join(", ")
    }], which lie outside its image of ${width}x${height} pixels`,
    remedy: "Correct or remove it",
  });
  return false;
}
