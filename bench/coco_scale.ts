/** How large a COCO annotation file to write. */
export interface CocoScale {
  readonly images: number;
  readonly boxes: number;
  /** Corners of the polygon around each object; none without. */
  readonly corners?: number;
}

/** Records a write. */
const RECORDS_AT_ONCE = 1000;
/** COCO's ids from 1 to 90 have these gaps. */
const NO_CATEGORY = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

/** The category ids of such a file. */
export const categoryIds = Array.from({ length: 90 }, (_, index) => index + 1)
  .filter((id) => !NO_CATEGORY.includes(id));

/**
 * Writes an annotation file laid out as COCO's `instances_train2017.json`, with
 * boxes by chance in images of 640×480 pixels, a crowd in a hundred.
 *
 * @param path The file.
 * @param scale How many records, and how long.
 * @returns Bytes written.
 */
export async function writeCocoScale(
  path: string,
  { images, boxes, corners = 0 }: CocoScale,
): Promise<number> {
  let state = 1;
  const chance = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below * 100) / 100;
  };
  const encoder = new TextEncoder();
  let bytes = 0;
  using file = await Deno.create(path);
  const write = async (text: string) => {
    const encoded = encoder.encode(text);
    bytes += encoded.length;
    for (let at = 0; at < encoded.length;) {
      at += await file.write(encoded.subarray(at));
    }
  };
  const writeList = async (count: number, record: (at: number) => object) => {
    for (let start = 0; start < count; start += RECORDS_AT_ONCE) {
      const part = Math.min(RECORDS_AT_ONCE, count - start);
      const lines = Array.from(
        { length: part },
        (_, at) => JSON.stringify(record(start + at)),
      );
      await write((start > 0 ? ", " : "") + lines.join(", "));
    }
  };

  await write('{"info": {"year": 2017}, "licenses": [], "images": [');
  await writeList(images, (at) => ({
    license: 3,
    file_name: imageName(at),
    coco_url: `http://images.cocodataset.org/train2017/${imageName(at)}`,
    height: 480,
    width: 640,
    date_captured: "2013-11-14 11:18:45",
    id: at + 1,
  }));
  await write('], "annotations": [');
  await writeList(boxes, (at) => {
    const [x, y] = [chance(500), chance(400)];
    const [width, height] = [1 + chance(139), 1 + chance(79)];
    const polygon = Array.from(
      { length: corners },
      () => [x + chance(width), y + chance(height)],
    ).flat().map((value) => Math.round(value * 100) / 100);
    return {
      ...(corners > 0 ? { segmentation: [polygon] } : {}),
      area: width * height / 2,
      iscrowd: at % 100 === 99 ? 1 : 0,
      image_id: 1 + Math.floor(chance(images)),
      bbox: [x, y, width, height],
      category_id: categoryIds[Math.floor(chance(categoryIds.length))],
      id: at + 1,
    };
  });
  await write('], "categories": [');
  await writeList(categoryIds.length, (at) => ({
    supercategory: "thing",
    id: categoryIds[at],
    name: `class ${categoryIds[at]}`,
  }));
  await write("]}");
  return bytes;
}

/**
 * Makes the image files that such an annotation file names, without content.
 *
 * @param folder Gets the files.
 * @param count How many.
 */
export function touchCocoImages(folder: string, count: number): void {
  for (let at = 0; at < count; at++) {
    Deno.createSync(`${folder}/${imageName(at)}`).close();
  }
}

function imageName(at: number): string {
  return `${String(at + 1).padStart(12, "0")}.jpg`;
}
