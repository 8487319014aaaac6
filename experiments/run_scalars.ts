import type { Scalar } from "../lib/report/mod.ts";
import type { RunRecord } from "./store.ts";

/**
 * The curves of a run over its epochs: `terms/…`, the mean of each loss term, and
 * `metrics/…`, what was measured.
 *
 * Use it to write event files. When an epoch ended is not stored: its time is as
 * if all took equally long.
 *
 * @returns The values epoch by epoch; the steps are epochs, counted from 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { runScalars } from "./run_scalars.ts";
 * import type { RunRecord } from "./store.ts";
 *
 * const run = { started: "1970-01-01T00:01:00Z", seconds: 8, epochs: [{ ld: 3 }, { ld: 2 }], evaluations: [] };
 * const [, last] = runScalars(run as unknown as RunRecord);
 * assert.deepEqual(last, { tag: "terms/ld", step: 2, value: 2, time: 68 });
 * ```
 */
export function runScalars(
  { started, seconds, epochs, evaluations }: RunRecord,
): Scalar[] {
  const count = Math.max(epochs.length, evaluations.at(-1)?.epoch ?? 0);
  return Array.from({ length: count }, (_, index) => {
    const step = index + 1;
    const time = Date.parse(started) / 1000 + seconds * step / count;
    const measured = evaluations.find(({ epoch }) => epoch === step)?.metrics;
    const named = (group: string, values: Readonly<Record<string, number>>) =>
      Object.entries(values).map(([name, value]): Scalar => ({
        ...{ tag: `${group}/${name}`, step, value, time },
      }));
    return [
      ...named("terms", epochs[index] ?? {}),
      ...named("metrics", measured ?? {}),
    ];
  }).flat();
}
