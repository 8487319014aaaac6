import { type Row, type RowResult, Unavailable, type Work } from "./row.ts";
import { median, quantile } from "./statistics.ts";

/** How often the two sides of a row run. */
export interface Pairs {
  /** Timed pairs. */
  readonly pairs: number;
  /** Pairs before them that do not count. */
  readonly warmUp: number;
}

/**
 * Measures a row: ours, peer, ours, peer, …, so that whatever else the machine
 * does meets both alike. While one side runs, the other waits.
 *
 * @param row What to measure.
 * @param pairs How often.
 * @returns The row's times; without them, and with the reason in its note, where
 * the row cannot be measured here or something failed. `failed` tells the two
 * apart.
 */
export async function measureRow(
  row: Row,
  { pairs, warmUp }: Pairs,
): Promise<{ result: RowResult; failed: boolean }> {
  const { id, work, peer, limit, images } = row;
  const known = { id, work, peer, limit, ...images && { images } };
  try {
    const { ours, peer, note } = await row.prepare();
    try {
      const times = await interleave(ours, peer, { pairs, warmUp });
      const ratios = times.map(([a, b]) => a / b);
      const result = {
        ...known,
        ours_ms: median(times.map(([a]) => a)),
        peer_ms: median(times.map(([, b]) => b)),
        ratio: median(ratios),
        spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const,
        note,
      };
      return { result, failed: false };
    } finally {
      await ours.close();
      await peer.close();
    }
  } catch (error) {
    const absent = error instanceof Unavailable;
    if (!absent) console.error(error);
    const { message } = error as Error;
    const result = {
      ...known,
      ours_ms: null,
      peer_ms: null,
      ratio: null,
      spread: null,
      note: absent ? message : `failed: ${message}`,
    };
    return { result, failed: !absent };
  }
}

async function interleave(
  ours: Work,
  peer: Work,
  { pairs, warmUp }: Pairs,
): Promise<[ours: number, peer: number][]> {
  const times: [number, number][] = [];
  for (let i = 0; i < warmUp + pairs; i++) {
    const pair: [number, number] = [await ours.once(), await peer.once()];
    if (i >= warmUp) times.push(pair);
  }
  return times;
}
