import { formatDuration } from "./table.ts";

/**
 * How far a download is, in one line.
 *
 * Use it for a terminal, or as the activity of a progress display.
 *
 * @param download.url whose last part is named
 * @param download.received bytes that are there
 * @param download.total bytes of the whole, or `null` while unknown
 * @param download.secondsLeft of the download, or `null` while unknown
 * @returns the file, sizes in MB of a million bytes, and the time left
 *
 * @example
 * ```ts
 * import { downloadLine } from "ldlab/report/download_line.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   downloadLine({
 *     url: "https://download.pytorch.org/models/resnet50-0676ba61.pth",
 *     received: 12_345_678, total: 102_530_333, secondsLeft: 75,
 *   }),
 *   "downloading resnet50-0676ba61.pth · 12.3 of 102.5 MB · 1 min 15 s left",
 * );
 * ```
 */
export function downloadLine({ url, received, total, secondsLeft }: {
  readonly url: string;
  readonly received: number;
  readonly total: number | null;
  readonly secondsLeft: number | null;
}): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const name = new URL(url).pathname.split("/").at(-1);
  const of = total === null ? "" : ` of ${megabytes(total)}`;
  return [
    `downloading ${name}`,
    `${megabytes(received)}${of} MB`,
    secondsLeft === null ? "" : `${formatDuration(secondsLeft)} left`,
  ].filter(Boolean).join(" · ");
}
