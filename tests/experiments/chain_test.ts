import assert from "node:assert/strict";
import { PRESETS } from "ldlab/distill/mod.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { loadCheckpoint } from "ldlab/train/checkpoint.ts";
import { chainTable, runChain } from "../../experiments/chain.ts";
import { runId } from "../../experiments/config.ts";
import { RunStore } from "../../experiments/store.ts";
import type { RunConfig } from "../../experiments/config.ts";
import { teacherAssistants } from "../../experiments/teacher_assistants.ts";
import { tiny, TINY_STEPS } from "./tiny_config.ts";

// One thread: the order of floating-point sums is fixed.
await openEngine({ threads: 1 });

const wide: RunConfig = {
  ...tiny,
  model: { ...tiny.model, backbone: { depth: 18, baseWidth: 8 } },
};
const links = teacherAssistants([
  { label: "teacher", config: wide },
  { label: "first assistant", config: tiny, seed: 1 },
  { label: "second assistant", config: tiny, seed: 2 },
  { label: "student", config: tiny },
], PRESETS.ld2021);

async function inStore(body: (store: RunStore) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  try {
    await body(store);
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the chain, stops at a step if asked; tells which steps were done. */
async function chain(store: RunStore, stopAt?: string) {
  const stop = new AbortController();
  const steps: string[] = [];
  const rows = await runChain(links, {
    store,
    signal: stop.signal,
    onProgress: ({ label, activity, progress }) => {
      if (activity !== undefined) return;
      steps.push(`${label}, ${progress!.iteration}`);
      if (steps.at(-1) === stopAt) stop.abort();
    },
  });
  return { rows, steps };
}

const stepsOf = (label: string, from: number) =>
  Array.from(
    { length: TINY_STEPS - from },
    (_, step) => `${label}, ${from + step + 1}`,
  );

Deno.test("runChain() goes on at the step where it was stopped, and gives what it gives in one go", () =>
  inStore(async (store) => {
    const first = await chain(store, "second assistant, 5");
    assert.equal(first.rows, null);
    assert.deepEqual(first.steps, [
      ...stepsOf("teacher", 0),
      ...stepsOf("first assistant", 0),
      ...stepsOf("second assistant", 0).slice(0, 5),
    ]);
    const started = store.all().map(({ started }) => started);
    const second = await chain(store);
    assert.deepEqual(second.steps, [
      ...stepsOf("second assistant", 5),
      ...stepsOf("student", 0),
    ]);
    assert.deepEqual(
      store.all().map(({ started }) => started).slice(0, 3),
      started,
    );
    const [third, inOneGo] = [await chain(store), await runElsewhere()];
    assert.deepEqual(third.steps, []);
    assert.deepEqual(third.rows, second.rows);
    assert.deepEqual(
      second.rows!.map(({ run }) => run.metrics),
      inOneGo.map(({ run }) => run.metrics),
    );
    const last = second.rows!.map(({ run }) => run.epochs.at(-1));
    assert.deepEqual(last, inOneGo.map(({ run }) => run.epochs.at(-1)));
  }));

async function runElsewhere() {
  let rows: Awaited<ReturnType<typeof runChain>> = null;
  await inStore(async (store) => {
    rows = (await chain(store)).rows;
  });
  return rows!;
}

Deno.test("runChain() goes on from the last checkpoint of a link that was killed", () =>
  inStore(async (store) => {
    const [{ config, seed }] = links;
    await chain(store, "teacher, 7");
    // As a kill after step 7 leaves it: without the checkpoint of the stop.
    const folder = store.runFolder(await runId(config, seed));
    await Deno.remove(`${folder}/checkpoint-000000007.safetensors`);
    assert.equal(
      (await loadCheckpoint(folder))!.checkpoint.position.iteration,
      6,
    );
    const { steps } = await chain(store, "first assistant, 1");
    assert.deepEqual(steps, [...stepsOf("teacher", 6), "first assistant, 1"]);
  }));

Deno.test("runChain() gives each link the run before it as teacher, and chainTable() says so", () =>
  inStore(async (store) => {
    const { rows } = await chain(store);
    const runs = rows!.map(({ run }) => run);
    assert.deepEqual(runs.map(({ teacher }) => teacher), [
      null,
      ...runs.slice(0, -1).map(({ id }) => id),
    ]);
    assert.equal(runs[0].epochs[0]!.ld, undefined);
    for (const { epochs } of runs.slice(1)) assert.ok(epochs[0]!.ld > 0);
    const table = chainTable(rows!);
    assert.deepEqual(table.rows.map(([label, teacher]) => [label, teacher]), [
      ["teacher", null],
      ["first assistant", "teacher"],
      ["second assistant", "first assistant"],
      ["student", "second assistant"],
    ]);
    assert.deepEqual(
      table.rows.map((row) => row[2]),
      runs.map(({ metrics }) => 100 * metrics!.ap),
    );
  }));

Deno.test("runChain() looks at every link before it runs one", () =>
  inStore(async (store) => {
    const [first, second] = links;
    const model = { ...tiny.model, regMax: 8 };
    const odd = { ...second, config: { ...second.config, model } };
    await assert.rejects(runChain([first, odd], { store }), {
      name: "RangeError",
      message: /regMax must be its teacher's, 16/,
    });
    const misspelt = { ...first, config: { ...first.config, epoch: 1 } };
    await assert.rejects(
      runChain([misspelt, second], { store }),
      /'epoch', did you mean/,
    );
    assert.deepEqual(store.all(), []);
  }));
