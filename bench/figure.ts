/** A measurement that has no peer, or more than one number. */
export interface Figure {
  /** What `--only` takes. */
  readonly id: string;
  /** What it tells. */
  readonly what: string;
  /** Measures; takes seconds to minutes. */
  measure(): Promise<Measurement>;
}

/** What a figure found. */
export interface Measurement {
  /** The number that is judged, null where this machine cannot tell. */
  readonly value: number | null;
  /** Of the value and the limit, for example "s". */
  readonly unit: string;
  /** The largest value that is good enough; null where none is asked for. */
  readonly limit: number | null;
  /** Where the number comes from, and what else was measured. */
  readonly note: string;
}

/** A figure as measured. */
export type FigureResult =
  & { readonly id: string; readonly what: string }
  & Measurement;
