import assert from "node:assert/strict";
import type { RunConfig } from "../../experiments/config.ts";
import { learningRateOf, runSchedule } from "../../experiments/run_schedule.ts";
import { tiny } from "./tiny_config.ts";

// The 1x schedule at batch 6: 0.01 · 6 / 16, a tenth after 8 and 11 epochs.
const published: RunConfig = {
  ...tiny,
  batchSize: 6,
  epochs: 12,
  optimizer: {
    kind: "sgd",
    learningRate: 0.01,
    perBatch: 16,
    weightDecay: 1e-4,
  },
  schedule: { kind: "steps", epochs: [8, 11] },
  warmup: { iterations: 500, start: 0.001 },
};

Deno.test("learningRateOf() scales a rate that is for a batch, and takes another as it is", () => {
  assert.equal(learningRateOf(published), 0.00375);
  assert.equal(learningRateOf(tiny), 4e-3);
});

Deno.test("runSchedule() warms up and falls as released", () => {
  const rate = runSchedule(published, 1000);
  const close = (iteration: number, expected: number) =>
    assert.ok(Math.abs(rate(iteration) / expected - 1) < 1e-12, `${iteration}`);
  close(0, 0.00375 * 0.001);
  close(250, 0.00375 * (0.001 + 0.999 / 2));
  close(500, 0.00375);
  close(7999, 0.00375);
  close(8000, 0.000375);
  close(11000, 0.0000375);
});

Deno.test("runSchedule() falls by another factor", () => {
  const schedule = { kind: "steps", epochs: [8], factor: 0.5 } as const;
  const rate = runSchedule({ ...published, schedule }, 1000);
  assert.equal(rate(8000), 0.00375 / 2);
});

Deno.test("runSchedule() is half a cosine to 0 unless told", () => {
  const rate = runSchedule(tiny, 2);
  // min(1, (it + 1) / 4) · 0.004 · (1 + cos(π it / 8)) / 2.
  assert.equal(rate(0), 0.004 / 4);
  assert.ok(Math.abs(rate(4) - 0.002) < 1e-15);
  assert.equal(rate(8), 0);
});
