/**
 * A grid over the extent of some boxes; each cell is a list that its user fills.
 *
 * Use it to look only at boxes that can meet another: put the index of each box
 * into the cells under it; boxes with a common point have a common cell.
 *
 * @see `nms`, which keeps the boxes it has kept so.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { BoxGrid } from "ldlab/boxes/box_grid.ts";
 *
 * const grid = new BoxGrid(new Float32Array([0, 0, 4, 4, 96, 96, 100, 100]));
 * for (const cell of grid.under(0, 0, 4, 4)) cell.push(0);
 * assert.deepEqual(grid.under(2, 2, 3, 3).flat(), [0]);
 * assert.deepEqual(grid.under(96, 96, 100, 100).flat(), []);
 * ```
 */
export class BoxGrid {
  readonly #cells: number[][];
  readonly #side: number;
  readonly #left: number;
  readonly #top: number;
  readonly #columnsPerUnit: number;
  readonly #rowsPerUnit: number;

  /** @param boxes `[N, 4]`: x1, y1, x2, y2, any unit; about N cells, at most 64². */
  constructor(boxes: Float32Array) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < boxes.length; i += 4) {
      left = Math.min(left, boxes[i]);
      top = Math.min(top, boxes[i + 1]);
      right = Math.max(right, boxes[i + 2]);
      bottom = Math.max(bottom, boxes[i + 3]);
    }
    this.#side = Math.min(64, Math.ceil(Math.sqrt(boxes.length / 4)));
    this.#cells = Array.from({ length: this.#side ** 2 }, () => []);
    this.#left = left;
    this.#top = top;
    this.#columnsPerUnit = this.#side / (right - left);
    this.#rowsPerUnit = this.#side / (bottom - top);
  }

  /**
   * The cells under a box, sides included; none where it is inside out.
   *
   * @param x1 Left, in the unit of the grid's boxes.
   * @param y1 Top.
   * @param x2 Right.
   * @param y2 Bottom.
   */
  under(x1: number, y1: number, x2: number, y2: number): number[][] {
    const first = this.#cell((x1 - this.#left) * this.#columnsPerUnit);
    const last = this.#cell((x2 - this.#left) * this.#columnsPerUnit);
    const lastRow = this.#cell((y2 - this.#top) * this.#rowsPerUnit);
    let row = this.#cell((y1 - this.#top) * this.#rowsPerUnit);
    const cells: number[][] = [];
    for (; row <= lastRow; row++) {
      for (let column = first; column <= last; column++) {
        cells.push(this.#cells[row * this.#side + column]);
      }
    }
    return cells;
  }

  /** The nearest row or column; the first for NaN, as of a grid without extent. */
  #cell(place: number): number {
    return Math.max(0, Math.min(this.#side - 1, place | 0));
  }
}
