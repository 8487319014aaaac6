/** FGD from its formulas, on the host in float64. */
import { logSoftmax, rows, sum } from "../float64.ts";

/**
 * The reference's weights of cells, from its rule: boxes on the map, sides cut
 * outwards to whole cells and one more; of overlapping boxes the smallest counts.
 */
export function cellWeights(
  boxes: { data: number[] }[],
  [imageHeight, imageWidth]: number[],
  [, , height, width]: number[],
) {
  const maps = boxes.map(({ data }) => {
    const map: number[] = Array(height * width).fill(0);
    for (const [x1, y1, x2, y2] of rows(data, 4)) {
      const [left, right] = [
        Math.floor(x1 / imageWidth * width),
        Math.ceil(x2 / imageWidth * width),
      ];
      const [top, bottom] = [
        Math.floor(y1 / imageHeight * height),
        Math.ceil(y2 / imageHeight * height),
      ];
      const share = 1 / (bottom + 1 - top) / (right + 1 - left);
      for (let y = top; y <= Math.min(bottom, height - 1); y++) {
        for (let x = left; x <= Math.min(right, width - 1); x++) {
          map[y * width + x] = Math.max(map[y * width + x], share);
        }
      }
    }
    const outside = map.map((share) => share > 0 ? 0 : 1);
    const count = Math.max(sum(outside), 1);
    return { inside: map, outside: outside.map((one) => one / count) };
  });
  const shape = [boxes.length, height, width];
  return {
    foreground: { shape, data: maps.flatMap(({ inside }) => inside) },
    background: { shape, data: maps.flatMap(({ outside }) => outside) },
  };
}

/**
 * The four losses of maps [B, H, W, D] whose contexts are 2F for the student
 * and F + 1 for the teacher.
 */
export function definition(
  given: Record<string, number[]>,
  [batch, height, width, channels]: readonly number[],
  temperature: number,
): number[] {
  const mean = (values: number[]) => sum(values) / values.length;
  // A softmax over values, times how many there are.
  const share = (values: number[]) =>
    logSoftmax(values.map((value) => value / temperature))
      .map((log) => values.length * Math.exp(log));
  const attentions = (cells: number[][]) => ({
    cells: share(cells.map((cell) => mean(cell.map(Math.abs)))),
    channels: share(
      cells[0].map((_, c) => mean(cells.map((cell) => Math.abs(cell[c])))),
    ),
  });
  const images = (data: number[]) => rows(data, height * width * channels);
  const totals = [0, 0, 0, 0];
  const teachers = images(given.teacher).map((image) => rows(image, channels));
  images(given.student).forEach((image, b) => {
    const [students, theirs] = [rows(image, channels), teachers[b]];
    const [a, t] = [attentions(students), attentions(theirs)];
    students.forEach((cell, i) =>
      cell.forEach((s, c) => {
        const focus = t.cells[i] * t.channels[c] * (s - theirs[i][c]) ** 2;
        const at = b * height * width + i;
        totals[0] += given.foreground[at] * focus;
        totals[1] += given.background[at] * focus;
        totals[3] += (2 * s - (theirs[i][c] + 1)) ** 2;
      })
    );
    totals[2] += sum(a.cells.map((v, i) => Math.abs(v - t.cells[i])));
    totals[2] += sum(a.channels.map((v, c) => Math.abs(v - t.channels[c])));
  });
  return totals.map((total) => total / batch);
}
