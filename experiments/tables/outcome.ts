import type { PairedDifference } from "../paired_difference.ts";
import type { TableScale } from "./table_setting.ts";

/** What a row gained over another, in points. */
export type Gain = Pick<PairedDifference, "mean" | "halfWidth">;

/** What a conclusion is drawn from. */
export interface Outcome {
  readonly scale: TableScale;
  /** How often each row was run. */
  readonly seeds: number;
  /** The rows that were run. */
  readonly rows: readonly { readonly id: string; readonly label: string }[];
  /** What a row gained over another, paired by seed; NaN without the metric. */
  gain(of: string, over: string, metric: string): Gain;
  /** The same in the paper, where both were published. */
  paperGain(of: string, over: string, metric: string): number | null;
}
