import { type ImageRecord, loadImage } from "../lib/data/mod.ts";
import { dataUri, encodePng } from "../lib/report/mod.ts";

/**
 * An image of a dataset as an address that a figure can hold: the file as it
 * is, a window of it, or a scene as it is drawn.
 */
export async function imageSource(record: ImageRecord): Promise<string> {
  if (record.scene || record.window) {
    const image = await loadImage(record);
    return dataUri(encodePng(image.data, image), "image/png");
  }
  return dataUri(await Deno.readFile(record.path), "image/jpeg");
}

/**
 * The objects of an image in pixels of the network's input.
 *
 * @param input Size of the network's input in pixels.
 * @returns `[G, 4]`: x1, y1, x2, y2.
 */
export function inputBoxes(
  { boxes, width, height }: ImageRecord,
  input: { width: number; height: number },
): Float32Array {
  const scale = [input.width / width, input.height / height];
  return boxes.map((value, at) => value * scale[at % 2]);
}
