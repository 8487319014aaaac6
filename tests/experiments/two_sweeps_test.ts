import assert from "node:assert/strict";
import { startSweep, sweepWeights } from "./sweep_process.ts";
import { sweep, SWEEP_STEPS } from "./tiny_sweep.ts";

Deno.test("two sweeps at once on one store take each step once, and both end with all runs", async () => {
  const folder = await Deno.makeTempDir();
  const both = [startSweep(folder), startSweep(folder)];
  await Promise.all(both.map((process) => process.ready()));
  await Promise.all(both.map((process) => process.go()));
  const ends = await Promise.all(both.map((process) => process.ended()));
  for (const { lines, success } of ends) {
    assert.ok(success, lines.join("\n"));
  }
  const steps = ends.flatMap(({ lines }) => lines)
    .filter((line) => / \d+$/.test(line));
  const expected = sweep.flatMap(({ label }) =>
    Array.from({ length: SWEEP_STEPS }, (_, step) => `${label} ${step + 1}`)
  );
  assert.deepEqual(steps.sort(), expected.sort());
  assert.equal((await sweepWeights(folder)).size, sweep.length);
  await Deno.remove(folder, { recursive: true });
});
