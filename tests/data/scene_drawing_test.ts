import assert from "node:assert/strict";
import type { RgbImage } from "ldlab/data/image.ts";
import { drawScene } from "ldlab/data/scene_drawing.ts";
import { makeScenes } from "ldlab/data/scenes.ts";

const BLOCK = 1;

/** Mean colour of a rectangle of pixels. */
function meanColor(
  image: RgbImage,
  [x1, y1, x2, y2]: readonly number[],
): number[] {
  const sums = [0, 0, 0];
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      for (let channel = 0; channel < 3; channel++) {
        sums[channel] += image.data[(y * image.width + x) * 3 + channel];
      }
    }
  }
  return sums.map((sum) => sum / ((x2 - x1) * (y2 - y1)));
}

Deno.test("drawScene() steps at sharp edges, and climbs slowly over blurred and faded ones", () => {
  // Left edges of blocks, over the middle third of rows: the largest step
  // between neighbouring columns, as a part of the whole contrast.
  const steps: Record<string, number[]> = { sharp: [], blurred: [], faded: [] };
  for (const record of makeScenes({ seed: 6, count: 400 }).images) {
    const image = drawScene(record.scene);
    for (const [g, label] of record.labels.entries()) {
      const [left, top, right, bottom] = record.edges[g];
      if (label !== BLOCK || left.kind === "occluded") continue;
      const rows = [
        Math.ceil(top.high + (bottom.low - top.high) / 3),
        Math.floor(bottom.low - (bottom.low - top.high) / 3),
      ];
      const columns: number[][] = [];
      const from = Math.max(0, Math.floor(left.low) - 2);
      for (let x = from; x < Math.min(left.high + 2, right.low - 2); x++) {
        columns.push(meanColor(image, [x, rows[0], x + 1, rows[1]]));
      }
      const channels = [0, 1, 2].map((channel) =>
        columns.map((c) => c[channel])
      );
      // The channel in which block and background differ most.
      const contrast = (c: number[]) => Math.abs(c[0] - c[c.length - 1]);
      const best = channels.reduce((a, b) => contrast(a) > contrast(b) ? a : b);
      const largest = Math.max(
        ...best.slice(1).map((value, at) => Math.abs(value - best[at])),
      );
      steps[left.kind].push(largest / contrast(best));
    }
  }
  const median = (values: number[]) => {
    assert.ok(values.length > 20);
    return values.sort((a, b) => a - b)[values.length >> 1];
  };
  assert.ok(median(steps.sharp) > 0.9, `${median(steps.sharp)}`);
  assert.ok(median(steps.blurred) < 0.5, `${median(steps.blurred)}`);
  assert.ok(median(steps.faded) < 0.3, `${median(steps.faded)}`);
});

Deno.test("drawScene() hides the whole interval of an occluded edge behind a grey bar", () => {
  let bars = 0;
  for (const record of makeScenes({ seed: 7, count: 100 }).images) {
    const image = drawScene(record.scene);
    for (const [left, top, right, bottom] of record.edges) {
      if (left.kind !== "occluded") continue;
      // Where bars of the object's other sides may not reach.
      const rows = [Math.ceil(top.high) + 3, Math.floor(bottom.low) - 3];
      const columns = [Math.floor(left.low), Math.ceil(left.high)];
      if (rows[0] >= rows[1] || columns[1] > right.low - 3) continue;
      bars++;
      for (let y = rows[0]; y < rows[1]; y++) {
        for (let x = columns[0]; x < columns[1]; x++) {
          const [red, green, blue] = meanColor(image, [x, y, x + 1, y + 1]);
          assert.ok(red >= 52 && red <= 103 && red === green && green === blue);
        }
      }
    }
  }
  assert.ok(bars > 10, `${bars}`);
});
