import assert from "node:assert/strict";
import { dispatchJobs } from "../../experiments/job_dispatch.ts";
import type { JobRunner } from "../../experiments/job_runner.ts";
import type { Job } from "../../experiments/jobs.ts";
import type { RunRecord } from "../../experiments/store.ts";
import { tiny } from "./tiny_config.ts";

/** The share that is told after each step of a run. */
type Shares = Record<string, number[]>;

/** Does nothing but tell of steps: from which one on, of how many, by label. */
function runnerOf(
  steps: Readonly<Record<string, readonly [from: number, total: number]>>,
): JobRunner {
  return {
    run: async ({ label }, tell) => {
      await tell({ activity: "starting" });
      const [from, total] = steps[label];
      for (let iteration = from; iteration <= total; iteration++) {
        await tell({
          progress: {
            ...{ iteration, total, epoch: 0, terms: {}, learningRate: 1 },
            imagesPerSecond: 1,
          },
        });
      }
      return { label, metrics: null } as RunRecord;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("dispatchJobs() counts none of the steps that an interrupted run had done before", async () => {
  const jobs = ["whole", "resumed", "last"].map((label, seed): Job => ({
    ...{ label, config: tiny, seed, weights: false },
  }));
  const shares: Shares = { whole: [], resumed: [], last: [] };
  const records = await dispatchJobs(jobs, {
    runners: [runnerOf({ whole: [1, 4], resumed: [7, 8], last: [1, 2] })],
    stored: [undefined, undefined, undefined],
    costs: [40, 80, 40],
    stop: () => {},
    notice: assert.fail,
    onProgress: ({ label, progress, share }) => {
      if (progress) shares[label].push(share);
    },
  });
  assert.deepEqual(
    records?.map(({ label }) => label),
    ["whole", "resumed", "last"],
  );
  // Of 160; that the second has 6 of 8 steps behind it shows where it begins.
  assert.deepEqual(shares.whole, [10, 20, 30, 40].map((work) => work / 160));
  // 20 of the second's 80 are left: 10 a step, behind the first's 40.
  assert.deepEqual(shares.resumed, [50 / 100, 60 / 100]);
  assert.deepEqual(shares.last, [80 / 100, 100 / 100]);
});
