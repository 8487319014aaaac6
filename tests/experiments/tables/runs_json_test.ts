import assert from "node:assert/strict";
import type { RunConfig } from "../../../experiments/config.ts";
import {
  numericsVersion,
  type RunRecord,
  RunStore,
} from "../../../experiments/store.ts";
import { projectFolder } from "../../../experiments/project.ts";
import { provenanceOf } from "../../../experiments/tables/provenance.ts";
import { runsJson } from "../../../experiments/tables/runs_json.ts";
import { runTable } from "../../../experiments/tables/run_table.ts";
import { TABLE_1A } from "../../../experiments/tables/table_1a.ts";
import { tinySetting } from "./tiny_setting.ts";

interface WrittenRow {
  id: string;
  label: string;
  config: RunConfig;
  runs: RunRecord[];
}

Deno.test("runsJson() holds what was measured with 6 digits, where it comes from, and no path of this machine", async () => {
  const folder = await Deno.makeTempDir();
  const before = new Date().toISOString();
  const result = await runTable(TABLE_1A, {
    scale: {
      ...tinySetting,
      student: { ...tinySetting.student, epochs: 2 },
    },
    rows: ["tau_10"],
    evaluateEvery: 1,
    folder,
  });
  const provenance = await provenanceOf(result);
  const text = runsJson(result, provenance);
  for (const path of [projectFolder, folder, "/home/", "/root/"]) {
    assert.ok(!text.includes(path), path);
  }
  // A run a line.
  assert.equal(text.match(/^ {4}\{"id":.*$/gm)!.length, 3);

  const read: {
    provenance: unknown;
    teachers: WrittenRow[];
    rows: WrittenRow[];
  } = JSON.parse(text);
  assert.deepEqual(read.provenance, JSON.parse(JSON.stringify(provenance)));
  const { table, scale, seeds, runs, written } = provenance;
  assert.deepEqual([table, scale, seeds], ["1a", "smoke", [0]]);
  assert.equal(runs.count, 3);
  assert.deepEqual(runs.numerics, [numericsVersion]);
  assert.match(runs.environments.join(), /^Deno \d.*, TensorFlow 2\..* cores/);
  assert.match(written.engine, /^TensorFlow 2\./);
  assert.ok(before <= runs.started && runs.started <= runs.ended);
  assert.ok(runs.ended <= written.date);

  const store = new RunStore(folder);
  const [baseline, ld] = read.rows;
  assert.deepEqual(
    [baseline.id, baseline.label, ld.id, read.teachers[0].label],
    ["baseline", "without LD", "tau_10", "teacher"],
  );
  for (const { config, runs } of [...read.rows, ...read.teachers]) {
    for (const run of runs) {
      const stored = store.get(run.id)!;
      assert.deepEqual(config, stored.config);
      assert.equal(run.evaluations.length, config.epochs);
      assert.equal(run.epochs.length, config.epochs);
      for (const [name, value] of Object.entries(stored.metrics!)) {
        assert.equal(run.metrics![name], Number(value.toPrecision(6)), name);
      }
      assert.deepEqual(run.evaluations.at(-1)!.metrics, run.metrics);
      assert.equal(run.teacher, stored.teacher);
    }
  }
  store.close();
  await Deno.remove(folder, { recursive: true });
});
