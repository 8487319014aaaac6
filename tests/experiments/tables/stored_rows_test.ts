import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { RunConfig } from "../../../experiments/config.ts";
import { runId } from "../../../experiments/config.ts";
import { RunStore } from "../../../experiments/store.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { storedRows } from "../../../experiments/tables/stored_rows.ts";
import { storedTables } from "../../../experiments/tables/stored_tables.ts";
import { TABLE_1A } from "../../../experiments/tables/table_1a.ts";

/** A store with the baseline's seeds 0 and 2 finished, and LD's seed 1 begun. */
async function inStore(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const { baseline, rows } = planTable(TABLE_1A, { scale: "smoke" }).plan;
  const start = async (config: RunConfig, seed: number) => {
    const id = await runId(config, seed);
    const run = { id, label: "any", seed, teacher: null };
    store.start({ ...run, config: { ...config } });
    return id;
  };
  for (const seed of [0, 2]) {
    store.finish(await start(baseline, seed), { ap: 0.4 }, { seconds: 1 });
  }
  await start({ ...baseline, ...rows[1].change }, 1);
  store.close();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("storedRows() counts the runs of each row that have ended", () =>
  inStore(async (folder) => {
    const options = { scale: "smoke", rows: ["tau_1"], folder } as const;
    const rows = async (seeds: number) =>
      (await storedRows(TABLE_1A, { ...options, seeds })).rows;
    assert.deepEqual(await rows(3), [
      ["baseline", "without LD", "2 of 3"],
      ["tau_1", "LD, τ = 1", "0 of 3"],
    ]);
    assert.equal((await rows(2))[0][2], "1 of 2");
    const other = { ...options, scale: "small", seeds: 3 } as const;
    assert.equal((await storedRows(TABLE_1A, other)).rows[0][2], "0 of 3");
  }));

Deno.test("storedRows() and storedTables() make no store where there is none", async () => {
  const folder = await Deno.makeTempDir();
  const options = { scale: "smoke", folder } as const;
  assert.equal((await storedRows(TABLE_1A, options)).rows[0][2], "0 of 1");
  assert.equal((await storedTables(options)).rows[0][3], "0 of 6");
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("storedRows() leaves a store as it is, also one that lacks what was added since", () =>
  inStore(async (folder) => {
    const db = new DatabaseSync(`${folder}/runs.sqlite`);
    db.exec("DROP TABLE data_notices");
    const options = { scale: "smoke", folder } as const;
    assert.equal((await storedRows(TABLE_1A, options)).rows[0][2], "1 of 1");
    assert.throws(() => db.exec("SELECT * FROM data_notices"), /no such table/);
    db.close();
  }));

Deno.test("storedTables() counts a run for every table that has it", () =>
  inStore(async (folder) => {
    const { rows, notes } = await storedTables({
      scale: "smoke",
      seeds: 3,
      folder,
    });
    const stored = new Map(rows.map((row) => [row[0], row.slice(2)]));
    assert.deepEqual(stored.get("1a"), [6, "2 of 18"]);
    assert.deepEqual(stored.get("2"), [8, "2 of 24"]);
    assert.deepEqual(stored.get("figure_5"), [3, "2 of 9"]);
    assert.equal(stored.size, 14);
    assert.match(notes[0], /seeds 0 to 2/);
  }));

Deno.test("storedTables() leaves the figures out at the paper's scale, which they refuse", () =>
  inStore(async (folder) => {
    const { rows } = await storedTables({ scale: "paper", folder });
    assert.equal(rows.length, 12);
    assert.ok(rows.every((row) => String(row[3]).startsWith("0 of ")));
  }));

Deno.test("storedRows() and storedTables() refuse what no table takes", async () => {
  await assert.rejects(storedRows(TABLE_1A, { rows: ["tau_2"] }), {
    name: "RangeError",
    message: /no row 'tau_2'/,
  });
  await assert.rejects(storedTables({ scale: "tiny" }), { name: "RangeError" });
  await assert.rejects(storedTables({ seeds: 0 }), { name: "RangeError" });
});
