import { polygonArea } from "./polygon_area.ts";
import type { SkippedRecords, UnfitRecord } from "./skipped_records.ts";

/** An object of a DOTA label file, as the file has it. */
export interface DotaObject {
  /** What errors call it, for example `P0001.txt line 3 (ship)`. */
  readonly record: string;
  /** x and y of four corners, in order around the object. */
  readonly polygon: readonly number[];
  readonly area: number;
  readonly name: string;
  readonly difficult: boolean;
}

/** Lines about the image, before those of the objects. */
const HEADER = /^(imagesource|gsd|acquisition dates?)\s*:/i;
const LINE = "x1 y1 x2 y2 x3 y3 x4 y4 class difficult";
/** Letters of a wrong line that errors show. */
const SHOWN = 80;

/**
 * Reads the text of a DOTA label file: a line an object.
 *
 * Use it to look into one file; `readDota` reads and checks a whole split.
 * Lines `imagesource:` and `gsd:` before the objects, and empty ones, are passed
 * over. A line that ends after the class is of an object that is not difficult.
 *
 * @param text The text, lines `x1 y1 x2 y2 x3 y3 x4 y4 class difficult`.
 * @param file Named in errors, for example the file's path.
 * @param skipped Told of lines of another form, and of objects whose sides cross
 * or that have no area.
 * @returns The other objects, in the order of the file.
 * @see https://captain-whu.github.io/DOTA/dataset.html, "Annotation format".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDotaLabels } from "ldlab/data/dota_labels.ts";
 * import { SkippedRecords } from "ldlab/data/skipped_records.ts";
 *
 * const text = "imagesource:GoogleEarth\ngsd:0.5\n2 0 4 2 2 4 0 2 ship 1\n";
 * const [ship] = parseDotaLabels(text, "P0001.txt", new SkippedRecords("labelTxt", () => ""));
 * assert.deepEqual([ship.name, ship.area, ship.difficult], ["ship", 8, true]);
 * assert.equal(ship.record, "P0001.txt line 3 (ship)");
 * ```
 */
export function parseDotaLabels(
  text: string,
  file: string,
  skipped: SkippedRecords,
): DotaObject[] {
  const objects: DotaObject[] = [];
  let inHeader = true;
  for (const [index, full] of text.split("\n").entries()) {
    const line = full.trim();
    if (line === "" || (inHeader && HEADER.test(line))) continue;
    inHeader = false;
    const object = parseLine(line, `${file} line ${index + 1}`);
    if ("kind" in object) skipped.add(object);
    else objects.push(object);
  }
  return objects;
}

function parseLine(line: string, place: string): DotaObject | UnfitRecord {
  const fields = line.split(/\s+/);
  const [name, difficult = "0"] = fields.slice(8);
  const polygon = fields.slice(0, 8).map(Number);
  const isWhole = fields.length === 9 || fields.length === 10;
  const areNumbers = polygon.every((value) =>
    Number.isFinite(Math.fround(value))
  );
  if (!isWhole || !areNumbers || !/^[01]$/.test(difficult)) {
    const shown = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
    return {
      kind: "missing field",
      record: place,
      why:
        `must be "${LINE}", eight finite numbers, a name, 0 or 1: current line is ${
          JSON.stringify(shown)
        }`,
      remedy: "Correct or remove it",
    };
  }
  const record = `${place} (${name})`;
  const remedy = "Correct or remove it";
  const corners = `[${polygon.join(", ")}]`;
  if (sidesCross(polygon)) {
    const why =
      `has corners ${corners}, which must go around it: its sides cross`;
    return { kind: "wrong box", record, why, remedy };
  }
  const area = polygonArea(polygon);
  if (area === 0) {
    const why = `has corners ${corners} and no area`;
    return { kind: "no area", record, why, remedy };
  }
  return { record, polygon, area, name, difficult: difficult === "1" };
}

/** Whether two opposite sides of a quadrilateral cross. */
function sidesCross(polygon: readonly number[]): boolean {
  const [a, b, c, d] = [0, 2, 4, 6].map((at) => polygon.slice(at, at + 2));
  return cross(a, b, c, d) || cross(b, c, d, a);
}

/** Whether the lines from a to b and from c to d cross between their ends. */
function cross(a: number[], b: number[], c: number[], d: number[]): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** −1, 0 or 1: on which side of the line from a to b a point lies. */
function side(a: number[], b: number[], point: number[]): number {
  return Math.sign(
    (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]),
  );
}
