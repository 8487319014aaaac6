import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import type { RunConfig } from "../../experiments/config.ts";
import { type Job, type JobsOptions, runJobs } from "../../experiments/jobs.ts";
import { divergenceText } from "../../experiments/run_record.ts";
import { RunStore } from "../../experiments/store.ts";
import { withTeachers } from "../../experiments/with_teachers.ts";
import { tiny } from "./tiny_config.ts";

const engine = await openEngine({ threads: 1 });

/** The weights are at infinity after a step or two. */
const wild: RunConfig = {
  ...tiny,
  optimizer: { kind: "sgd", learningRate: 1e30, weightDecay: 0 },
  warmup: { iterations: 1, start: 1 },
  clipNorm: null,
};

const job = (label: string, config: RunConfig): Job => ({
  ...{ label, config, seed: 0, weights: false },
});

async function withStore(
  body: (store: RunStore) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const before = engine.memory();
  try {
    await body(store);
    assert.deepEqual(engine.memory(), before);
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Does runs, and says which of them took steps. */
async function run(
  store: RunStore,
  jobs: readonly Job[],
  options?: Partial<JobsOptions>,
) {
  const trained = new Set<string>();
  const notices: string[] = [];
  const records = await runJobs(await withTeachers(jobs), {
    store,
    onProgress: ({ label, progress, activity }) => {
      if (progress || activity === "starting") trained.add(label);
    },
    onNotice: (message) => void notices.push(message),
    ...options,
  });
  return { records: records!, trained: [...trained], notices };
}

Deno.test("runJobs() records a run that diverges, and goes on with the rest", () =>
  withStore(async (store) => {
    const jobs = [job("wild", wild), job("tame", tiny)];
    const { records: [first, second], notices } = await run(store, jobs);
    assert.equal(first.status, "diverged");
    assert.equal(first.metrics, null);
    assert.ok(first.seconds > 0);
    const { run: whose, iteration, term, value, images } = first.divergence!;
    assert.equal(whose, first.id);
    assert.ok(iteration > 0 && iteration < 8, `${iteration}`);
    assert.match(value, /^(NaN|-?Infinity)$/);
    assert.equal(images.length, tiny.batchSize);
    assert.equal(notices.length, 1);
    assert.equal(notices[0], divergenceText(first));
    assert.match(
      notices[0],
      RegExp(
        `^wild, seed 0, diverged: '${term}' was ${value} at iteration ` +
          `${iteration}, of the images ${images.join(", ")}, at the learning`,
      ),
    );
    assert.equal(second.status, "finished");
    assert.ok(second.metrics);

    const again = await run(store, jobs);
    assert.deepEqual(again.trained, [], "what is stored is the answer");
    assert.deepEqual(again.records, [first, second]);
    const anew = await run(store, jobs, { again: true });
    assert.deepEqual(anew.trained, ["wild"]);
    assert.deepEqual(anew.records[0].divergence, first.divergence);
    assert.deepEqual(anew.records[1], second);
  }));

Deno.test("runJobs() tells of students whose teacher diverged, and stores nothing of them", () =>
  withStore(async (store) => {
    const assistant = { ...tiny, teacher: { config: wild, seed: 0 } };
    const student = { ...tiny, teacher: { config: assistant, seed: 0 } };
    const { records, trained } = await run(store, [
      job("student", student),
      job("tame", tiny),
    ]);
    const [teacher, between, pupil, tame] = records;
    assert.deepEqual(trained, ["teacher of teacher of student", "tame"]);
    for (const record of [between, pupil]) {
      assert.equal(record.status, "diverged");
      assert.equal(record.metrics, null);
      assert.deepEqual(record.divergence, teacher.divergence);
      assert.equal(store.get(record.id), undefined);
    }
    assert.match(
      divergenceText(pupil),
      RegExp(`^student, seed 0, cannot learn from run ${teacher.id}, which`),
    );
    assert.equal(tame.status, "finished");
  }));
