import type { SQLOutputValue } from "node:sqlite";
import type { RunRecord } from "./run_record.ts";

/** A row of a store's database. */
export type Row = Record<string, SQLOutputValue>;

/** The run that a row of the table of runs holds. */
export function recordOf(row: Row): RunRecord {
  const { commit_id, wait_share, divergence, ...rest } = row;
  const { config, weights, metrics, epochs, evaluations } = rest;
  return {
    ...rest,
    commit: commit_id,
    waitShare: wait_share,
    config: JSON.parse(config as string),
    weights: JSON.parse(weights as string),
    metrics: JSON.parse((metrics ?? "null") as string),
    epochs: JSON.parse(epochs as string),
    evaluations: JSON.parse(evaluations as string),
    divergence: divergence === null
      ? null
      : { ...JSON.parse(divergence as string), run: row.id },
  } as unknown as RunRecord;
}
