import type { Complexity } from "../lib/detectors/mod.ts";
import type { Speed } from "../lib/eval/mod.ts";
import { makeTable, type Table } from "../lib/report/mod.ts";

/**
 * A detector's speed and size as a table.
 *
 * @param label What the detector is called.
 * @param measured.size Input at which the multiply-adds were counted, pixels.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { speedTable } from "./speed_table.ts";
 *
 * const { rows } = speedTable("GFL", {
 *   complexity: { parameters: 32e6, multiplyAdds: 208e9 },
 *   size: { width: 1280, height: 800 },
 *   speed: { imagesPerSecond: 2, repeats: [1.9, 2.1], medianMilliseconds: 500, images: 10 },
 * });
 * assert.deepEqual(rows, [["GFL", 2, 500, 32, 208]]);
 * ```
 */
export function speedTable(
  label: string,
  { complexity, size, speed }: {
    complexity: Complexity;
    size: { width: number; height: number };
    speed: Speed;
  },
): Table {
  const number = (heading: string) => ({ heading, kind: "number" }) as const;
  const each = speed.repeats.map((value) => value.toFixed(1)).join(", ");
  return makeTable({
    title: "Speed",
    columns: [
      { heading: "", kind: "text" },
      number("images/s"),
      number("ms an image"),
      number("M parameters"),
      number("GFLOPs"),
    ],
    rows: [[
      label,
      speed.imagesPerSecond,
      speed.medianMilliseconds,
      complexity.parameters / 1e6,
      complexity.multiplyAdds / 1e9,
    ]],
    notes: [
      `${speed.images} images one by one, with decoding and suppression; ` +
      `images/s is the mean of ${each}, ms the median.`,
      `GFLOPs are multiply-adds of the convolutions at ${size.width} × ` +
      `${size.height}, as published figures count them.`,
    ],
  });
}
