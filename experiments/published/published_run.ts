import type { RunConfig } from "../config.ts";

/** What was published of a run, in percent. */
export interface PublishedResult {
  /** Where it stands. */
  readonly table: string;
  /** What it was measured on. */
  readonly split: "COCO val2017" | "COCO test-dev" | "VOC 2007 test";
  /** By the names that records of runs have: `ap`, `ap50`, `ap75`, `apSmall`, … */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A run as it was published. */
export interface PublishedRun {
  readonly config: RunConfig;
  /** The file that it is, and in what it differs, or where it is described. */
  readonly source: string;
  /** None where nothing was published. */
  readonly results: readonly PublishedResult[];
}

/** Published runs by name. */
export type PublishedRuns = Readonly<Record<string, PublishedRun>>;

const NAMES = ["ap", "ap50", "ap75", "apSmall", "apMedium", "apLarge"];

/** A row of a table, AP first, as many of the six as it has. */
export function published(
  table: string,
  split: PublishedResult["split"],
  ...values: readonly number[]
): PublishedResult {
  const metrics = Object.fromEntries(
    values.map((value, index) => [NAMES[index], value]),
  );
  return { table, split, metrics };
}

/** A row on COCO's validation images. */
export const onVal = (table: string, ...values: readonly number[]) =>
  published(table, "COCO val2017", ...values);

/** A row on COCO's test-dev images. */
export const onTestDev = (table: string, ...values: readonly number[]) =>
  published(table, "COCO test-dev", ...values);

/** A row on Pascal VOC's test images. */
export const onVoc = (table: string, ...values: readonly number[]) =>
  published(table, "VOC 2007 test", ...values);
