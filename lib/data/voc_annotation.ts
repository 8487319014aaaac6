import { XMLParser, XMLValidator } from "fast-xml-parser";

/** One object of a Pascal VOC annotation, as the file has it. */
export interface VocObject {
  readonly name: string;
  /** xmin, ymin, xmax, ymax as written, without subtracting 1. */
  readonly box: readonly [number, number, number, number];
  readonly difficult: boolean;
}

/** What detection needs of a Pascal VOC annotation file. */
export interface VocAnnotation {
  readonly width: number;
  readonly height: number;
  readonly objects: readonly VocObject[];
}

const CORNERS = ["xmin", "ymin", "xmax", "ymax"] as const;

// Values stay text: a class may be named 1, and numbers are checked here.
const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === "object",
});

/**
 * Reads the text of a Pascal VOC annotation file: the image's size and its
 * objects.
 *
 * Use it to look into one file; `readVoc` reads and checks a whole split.
 *
 * @param text The XML.
 * @param source Named in errors, for example the file's path.
 * @returns Size and objects; an image without objects is fine.
 * @throws {SyntaxError} If the text is not XML, or lacks a size, a name or a
 * corner.
 * @see The VOC2012 development kit, section 2.4 (annotation files).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseVocAnnotation } from "ldlab/data/voc_annotation.ts";
 *
 * const { width, objects } = parseVocAnnotation(`<annotation>
 *   <size><width>640</width><height>480</height><depth>3</depth></size>
 *   <object><name>WBC</name><difficult>0</difficult>
 *     <bndbox><xmin>260</xmin><ymin>177</ymin><xmax>491</xmax><ymax>376</ymax></bndbox>
 *   </object>
 * </annotation>`);
 * assert.equal(width, 640);
 * assert.deepEqual(objects[0].box, [260, 177, 491, 376]);
 * ```
 */
export function parseVocAnnotation(
  text: string,
  source = "annotation text",
): VocAnnotation {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read annotation ${source}: ${why}`);
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, msg } = valid.err;
    throw bad(
      `it is not XML (line ${line}: ${msg}). Write the file again, or take its id out of the split`,
    );
  }
  const annotation = parser.parse(text).annotation;
  if (typeof annotation !== "object") {
    throw bad(
      "it has no <annotation> element. Is it a Pascal VOC annotation file?",
    );
  }
  const [width, height] = ["width", "height"].map((side) => {
    const value = toNumber(annotation.size?.[side]);
    if (!Number.isInteger(value) || value < 1) {
      throw bad(
        `<size> must give the image's width and height in pixels: current ${side} is ${
          JSON.stringify(annotation.size?.[side])
        }. Add the size of the image file`,
      );
    }
    return value;
  });
  const objects = (annotation.object ?? []).map(
    (object: Record<string, unknown>, index: number): VocObject => {
      const name = object.name;
      if (typeof name !== "string" || name === "") {
        throw bad(`object ${index} has no <name>. Add its class`);
      }
      const corners = object.bndbox as Record<string, unknown> | undefined;
      const box = CORNERS.map((corner) => {
        const value = toNumber(corners?.[corner]);
        if (!Number.isFinite(value)) {
          throw bad(
            `object ${index} (${name}) must have a <bndbox> with a number as ${corner}: current value is ${
              JSON.stringify(corners?.[corner])
            }. Correct or remove the object`,
          );
        }
        return value;
      });
      return {
        name,
        box: box as [number, number, number, number],
        difficult: object.difficult === "1",
      };
    },
  );
  return { width, height, objects };
}

function toNumber(value: unknown): number {
  return typeof value === "string" && value !== "" ? Number(value) : NaN;
}
