import type { Figure, FigureResult } from "./figure.ts";
import { Unavailable } from "./row.ts";

/**
 * Measures a figure.
 *
 * @returns The figure; without a value, and with the reason in its note, where it
 * cannot be measured here or something failed. `failed` tells the two apart.
 */
export async function measureFigure(
  { id, what, measure }: Figure,
): Promise<{ result: FigureResult; failed: boolean }> {
  try {
    return { result: { id, what, ...await measure() }, failed: false };
  } catch (error) {
    const absent = error instanceof Unavailable;
    if (!absent) console.error(error);
    const { message } = error as Error;
    const note = absent ? message : `failed: ${message}`;
    const result = { id, what, value: null, unit: "", limit: null, note };
    return { result, failed: !absent };
  }
}
