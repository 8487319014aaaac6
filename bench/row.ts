/** One side of a row, ready to be timed: ours in this process, or a peer. */
export interface Work {
  /**
   * Does the work once.
   *
   * @returns Its milliseconds, by the side's own clock: without the way to
   * another process and back. Very short work may be repeated and averaged.
   */
  once(): Promise<number>;
  /** Frees what it holds; a peer's process ends. */
  close(): Promise<void>;
}

/** Both sides of a row, set up and seen to do the same. */
export interface Pair {
  readonly ours: Work;
  readonly peer: Work;
  /** What a reader must know to judge: shapes, layouts, what is left out. */
  readonly note: string;
}

/** One line of the table, before it is measured. */
export interface Row {
  /** What `--only` takes. */
  readonly id: string;
  /** What is done. */
  readonly work: string;
  /** What does the same. */
  readonly peer: string;
  /** The largest ratio of ours to the peer's time that is good enough. */
  readonly limit: number;
  /** Of how many images the work is, where that is told by the second. */
  readonly images?: number;
  /**
   * Sets both sides up on the same inputs and compares what they compute.
   *
   * @throws {Unavailable} If this machine lacks what the row needs.
   * @throws {Error} If the two differ: what is not the same is not compared.
   */
  prepare(): Promise<Pair>;
}

/** Why a row cannot be measured here, in words for its note. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** A row as measured; the times are null where there are none. */
export interface RowResult {
  readonly id: string;
  readonly work: string;
  readonly peer: string;
  /** Median over the pairs. */
  readonly ours_ms: number | null;
  readonly peer_ms: number | null;
  /** Median of ours / peer over the pairs. */
  readonly ratio: number | null;
  /** First and third quartile of the pairs' ratios. */
  readonly spread: readonly [number, number] | null;
  readonly limit: number;
  /** Of how many images each time is. */
  readonly images?: number;
  readonly note: string;
}
