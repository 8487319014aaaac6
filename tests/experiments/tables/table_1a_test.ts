import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { tableToText } from "ldlab/report/table_text.ts";
import type { ProgressState, ProgressView } from "ldlab/report/progress.ts";
import { runTable, TABLE_1A } from "../../../experiments/mod.ts";
import { RunStore } from "../../../experiments/store.ts";

/** Remembers what it was told, and presses Stop after some steps. */
class Watcher implements ProgressView {
  readonly states: ProgressState[] = [];
  readonly activities: string[] = [];
  readonly #stopAfter: number;
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;

  constructor(stopAfter = Infinity) {
    this.#stopAfter = stopAfter;
  }
  update(state: ProgressState): Promise<void> {
    const { activity, levels: [{ name }], step, steps } = state;
    if (activity !== undefined) {
      const last = this.activities.at(-1)?.split(": ")[1];
      if (activity !== last) {
        this.activities.push(`${name}, ${step}/${steps}: ${activity}`);
      }
      return Promise.resolve();
    }
    this.states.push(state);
    if (this.states.length === this.#stopAfter) this.#controller.abort();
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

Deno.test("runTable() runs, stops, goes on, and then comes from its store", async () => {
  const engine = await openEngine();
  const before = engine.memory();
  const folder = await Deno.makeTempDir();
  // Of 12 epochs or 8, so that nothing is measured on the way.
  const options = {
    scale: "smoke",
    rows: ["tau_10"],
    evaluateEvery: 12,
    folder,
  };
  try {
    // The smoke teacher takes 48 steps, a student 32: this stops in a student.
    const stopped = new Watcher(60);
    await assert.rejects(
      runTable(TABLE_1A, {
        ...options,
        progress: stopped,
        signal: stopped.signal,
      }),
      { name: "AbortError", message: /run the same again to go on/ },
    );
    const resumed = new Watcher();
    const result = await runTable(TABLE_1A, { ...options, progress: resumed });
    assert.equal(stopped.states.length, 60);
    assert.equal(resumed.states.length, 48 + 32 + 32 - 60);
    assert.equal(resumed.states[0].step, 60 - 48 + 1);
    assert.deepEqual(stopped.activities, [
      "teacher, 0/0: starting",
      "teacher, 0/0: recording the step 'train'",
      "teacher, 48/48: evaluating",
      "teacher, 48/48: recording the step 'predict'",
      "teacher, 1/16: evaluating",
      "without LD, seed 0, 0/0: starting",
      "without LD, seed 0, 0/0: recording the step 'train'",
    ]);
    assert.deepEqual(resumed.activities.slice(-7), [
      "LD, τ = 10, seed 0, 0/0: starting",
      "LD, τ = 10, seed 0, 0/0: recording the step 'teacher'",
      "LD, τ = 10, seed 0, 0/0: recording the step 'train'",
      "LD, τ = 10, seed 0, 32/32: evaluating",
      "LD, τ = 10, seed 0, 32/32: recording the step 'predict'",
      "LD, τ = 10, seed 0, 1/16: evaluating",
      "undefined, 0/0: finished", // not of a run
    ]);
    const shares = resumed.states.map(({ share }) => share!);
    assert.ok(shares.every((s, i) => i === 0 || s > shares[i - 1]));
    assert.equal(shares.at(-1), 1);

    // One row each for the teacher, the baseline and LD.
    const lines = tableToText(result.table());
    assert.match(lines, /teacher .*\n.*without LD .*\n.*LD, τ = 10 /);
    assert.match(lines, /40\.1/); // the paper's baseline stands beside
    const store = new RunStore(folder);
    const runs = store.all();
    store.close();
    assert.equal(runs.length, 3);
    assert.ok(runs.every(({ status }) => status === "finished"));
    assert.equal(runs[0].epochs.length, 12);
    assert.ok("ld" in runs[2].epochs[7]! && !("ld" in runs[1].epochs[7]!));
    const { config } = runs[2] as { config: { teacher: { seed: number } } };
    assert.equal(config.teacher.seed, 0);
    assert.equal(runs[2].teacher, runs[0].id);
    assert.equal(
      (await result.figure("ap_over_temperature")).layout.yaxis.title.text
        .includes("scenes"),
      true,
    );
    const edges = await result.figure("edge_distributions");
    assert.ok(edges.data.length > 12); // 4 edges of 3 detectors, and boxes
    assert.match(result.conclusion(), /says nothing|say nothing/);

    const again = new Watcher();
    const stored = await runTable(TABLE_1A, { ...options, progress: again });
    assert.equal(again.states.length, 0);
    assert.deepEqual(stored.table(), result.table());
    assert.deepEqual(stored.notices, []);

    const weights = `${folder}/runs/${runs[0].id}/weights.safetensors`;
    await Deno.remove(weights);
    const told: string[] = [];
    const mended = await runTable(TABLE_1A, {
      ...options,
      onNotice: (message) => told.push(message),
    });
    assert.deepEqual(mended.notices, told);
    assert.equal(told.length, 1);
    assert.match(told[0], /weights .* are missing\. teacher, seed 0, is run/);
    assert.ok(await Deno.stat(weights));
    assert.deepEqual(engine.memory(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
    engine.close();
  }
});

Deno.test("runTable() refuses options that make no sense", async () => {
  for (
    const [options, message] of [
      [{ scale: "huge" }, /scale must be small or smoke or paper: .* 'huge'/],
      [
        { scale: "toString" },
        /scale must be small or smoke or paper: .* 'toString'/,
      ],
      [{ seeds: NaN }, /seeds must be a whole number above 0: .* NaN/],
      [{ seeds: 0 }, /seeds must be a whole number above 0: .* 0/],
    ] as const
  ) {
    await assert.rejects(runTable(TABLE_1A, options), {
      name: "RangeError",
      message,
    });
  }
});
