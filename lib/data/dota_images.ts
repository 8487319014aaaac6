import { checkPixelCount } from "./image.ts";
import { readImageSize } from "./image_size.ts";
import type { SkippedRecords } from "./skipped_records.ts";

/** An image of a DOTA folder and its label file. */
export interface DotaImage {
  /** The name of both files without extension. */
  readonly id: string;
  /** Paths. */
  readonly image: string;
  readonly label: string;
  /** Width and height; fails where the file cannot be read or is too large. */
  readSize(): Promise<{ readonly width: number; readonly height: number }>;
}

/** Files of other extensions are no images. */
const IMAGE = /\.(png|jpe?g|tiff?|bmp)$/i;
const LABEL = /\.txt$/i;

/**
 * Lists the images of a DOTA split that have a label file of their name.
 *
 * @param folder Holds `images` and `labelTxt`.
 * @param skipped Told of images without label file, of label files without
 * image, and of images of a name that there is already.
 * @returns The images, in the order of their names.
 * @throws {Deno.errors.NotFound} If one of the folders is missing.
 * @throws {RangeError} If there is no label file.
 */
export async function listDotaImages(
  folder: string,
  skipped: SkippedRecords,
): Promise<DotaImage[]> {
  const images = new Map<string, string>();
  for (const name of await list(`${folder}/images`, IMAGE)) {
    const id = name.replace(IMAGE, "");
    const twin = images.get(id);
    if (twin === undefined) images.set(id, name);
    else {
      skipped.add({
        kind: "double id",
        record: `images/${name}`,
        why: `has the name of images/${twin}`,
        remedy: "Remove one of them",
      });
    }
  }
  const labels = await list(`${folder}/labelTxt`, LABEL);
  if (labels.length === 0) {
    throw new RangeError(
      `Cannot read annotations ${folder}/labelTxt: there is no label file. Put a .txt file an image there`,
    );
  }
  const found = labels.flatMap((label) => {
    const id = label.replace(LABEL, "");
    const name = images.get(id);
    images.delete(id);
    if (name === undefined) {
      skipped.add({
        kind: "missing image",
        record: label,
        why:
          `is of the image ${folder}/images/${id}, which is missing (.png or .jpg)`,
        remedy: "Add the image, or remove the label file",
      });
      return [];
    }
    const image = `${folder}/images/${name}`;
    return [{
      id,
      image,
      label: `${folder}/labelTxt/${label}`,
      async readSize() {
        const size = await readImageSize(image);
        checkPixelCount(image, size.width, size.height);
        return size;
      },
    }];
  });
  for (const [id, name] of images) {
    skipped.add({
      kind: "missing annotation",
      record: `images/${name}`,
      why: `has no label file ${id}.txt`,
      remedy: "Add it, empty where there is no object, or remove the image",
    });
  }
  return found;
}

/** The names in a folder that have an extension, sorted. */
async function list(folder: string, extension: RegExp): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (extension.test(name)) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read a split of DOTA: ${folder} is missing. A split is a folder with images and labelTxt`,
    );
  }
  return names.sort((a, b) => a < b ? -1 : 1);
}
