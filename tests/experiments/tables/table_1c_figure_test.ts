import assert from "node:assert/strict";
import type { RunStore } from "../../../experiments/store.ts";
import { table1c } from "../../../experiments/tables/table_1c.ts";
import type { TableResult } from "../../../experiments/tables/table_result.ts";
import { tableSetting } from "../../../experiments/tables/table_setting.ts";

Deno.test("table1c() draws the VLR over its gammas, wider as γ falls", async () => {
  const table = table1c({ gammas: [1, 0.5, 0] });
  // The regions are of the labels: no run is asked for.
  const result = { setting: tableSetting("smoke") } as TableResult;
  const { regions } = table.figures!(result);
  const { layout } = await regions(result, null as never as RunStore);
  const [{ steps, active }] = layout.sliders;
  assert.deepEqual(
    steps.map(({ label }: { label: string }) => label),
    ["1", "0.5", "0"],
  );
  assert.equal(active, 0, "γ = 0.25 is not among them");
  // Titles of the first region's levels: `P3: 18 of 192`.
  const counts = steps.map(({ args: [, titles] }: { args: unknown[] }) =>
    Object.values(titles as Record<string, string>).slice(0, 5)
      .reduce((sum, text) => sum + Number(text.split(" ")[1]), 0)
  );
  assert.equal(counts[0], 0, "γ = 1 leaves the region empty");
  assert.ok(counts[0] < counts[1] && counts[1] < counts[2], `${counts}`);
});

Deno.test("table1c() draws no regions of images of many sizes", () => {
  const result = { setting: tableSetting("paper") } as TableResult;
  assert.deepEqual(table1c().figures!(result), {});
});
