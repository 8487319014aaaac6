import { palette } from "./figure.ts";

/** How a row of a table is drawn, told apart from the others'. */
export interface RowLook {
  readonly color: string;
  readonly dash: string;
  readonly symbol: string;
}

/** A point of a row's line. */
export interface BandedPoint {
  readonly x: number;
  readonly mean: number;
  /** How far the band goes up and down; `null` where it is not known. */
  readonly half: number | null;
}

/** Of rows; black is a baseline's that several share. */
const COLORS = [
  palette.blue,
  palette.vermillion,
  palette.green,
  palette.purple,
  palette.orange,
  palette.sky,
  palette.grey,
] as const;
/** Of the first seven rows, the next seven, and so on. */
const DASHES = ["solid", "dot", "dashdot", "longdash"] as const;
const SYMBOLS = [
  ...["circle", "square", "diamond", "triangle-up", "x", "star", "cross"],
] as const;

/**
 * How a table's rows are drawn. A baseline of one row has its colour, dashed; one
 * of several is black.
 *
 * @param rows `over` is the index of the row that a row's gain is over, `null` for a
 * baseline
 */
export function rowLooks(
  rows: readonly { readonly over: number | null }[],
): RowLook[] {
  const lookOf = (at: number): RowLook => {
    if (rows[at].over !== null) {
      const order = rows.slice(0, at).filter(({ over }) => over !== null);
      return {
        color: COLORS[order.length % COLORS.length],
        dash: DASHES[Math.floor(order.length / COLORS.length) % DASHES.length],
        symbol: SYMBOLS[order.length % SYMBOLS.length],
      };
    }
    const mine = [...rows.keys()].filter((row) => rows[row].over === at);
    const look = mine.length === 1
      ? lookOf(mine[0])
      : { color: palette.black, symbol: "circle" };
    return { ...look, dash: "dash" };
  };
  return rows.map((_row, at) => lookOf(at));
}

/** The outline of a row's band, as a trace takes it. */
export function bandPoints(points: readonly BandedPoint[]) {
  const known = points.filter(({ half }) => half !== null);
  const edge = (sign: number) => known.map((at) => at.mean + sign * at.half!);
  return {
    x: [...known, ...known.toReversed()].map(({ x }) => x),
    y: [...edge(1), ...edge(-1).toReversed()],
  };
}

/** The points of a row's line; a trace without any point has no legend. */
export function linePoints(
  points: readonly BandedPoint[],
): { x: (number | null)[]; y: (number | null)[] } {
  if (points.length === 0) return { x: [null], y: [null] };
  return { x: points.map(({ x }) => x), y: points.map(({ mean }) => mean) };
}

/** A row's band, without a legend and words. */
export function bandTrace(
  name: string,
  points: readonly BandedPoint[],
  { color }: RowLook,
) {
  return {
    type: "scatter",
    mode: "lines",
    ...bandPoints(points),
    fill: "toself",
    fillcolor: `${color}2e`,
    line: { color, width: 0 },
    name: `${name}, deviation`,
    hoverinfo: "skip",
    showlegend: false,
  };
}

/** A row's line. */
export function lineTrace(
  name: string,
  points: readonly BandedPoint[],
  { color, dash, symbol }: RowLook,
) {
  return {
    type: "scatter",
    mode: "lines+markers",
    ...linePoints(points),
    line: { color, dash, width: 2 },
    marker: { symbol, size: 8, color },
    name: points.length === 0 ? `${name}: no result` : name,
    showlegend: true,
  };
}
