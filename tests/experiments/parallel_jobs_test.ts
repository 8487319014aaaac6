/** Several runs at once, each by a process: `./ldlab table --jobs 2`. */
import assert from "node:assert/strict";
import { type RunConfig, runId } from "../../experiments/config.ts";
import {
  type ExperimentProgress,
  type Job,
  type JobsOptions,
  runJobs,
} from "../../experiments/jobs.ts";
import { openJobProcess } from "../../experiments/job_process.ts";
import { RunStore } from "../../experiments/store.ts";
import { jobProcesses } from "./job_processes.ts";
import { startSweep, sweepWeights } from "./sweep_process.ts";
import { tiny } from "./tiny_config.ts";
import { sweep } from "./tiny_sweep.ts";
import { withTeachers } from "../../experiments/with_teachers.ts";

const processes = () => jobProcesses(Deno.pid);

/** Does runs in a store of this folder. */
async function run(
  folder: string,
  jobs: readonly Job[],
  options: Partial<JobsOptions> = {},
) {
  const store = new RunStore(folder);
  try {
    return await runJobs(jobs, { store, atOnce: 2, ...options });
  } finally {
    store.close();
    assert.deepEqual(processes(), []);
  }
}

const root = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(root, { recursive: true }),
);
// One after another, in a process of its own: in this one the first engine says
// for all how many threads work on an op, and it may be another test's.
const alone = startSweep(`${root}/one`);
await alone.go();
assert.ok((await alone.ended()).success);
const expected = await sweepWeights(`${root}/one`);

Deno.test("runJobs() gives the same weights, bit for bit, whether runs are done one after another or at once", async () => {
  const folder = `${root}/two`;
  const told: ExperimentProgress[] = [];
  const records = await run(folder, sweep, {
    atOnce: 7, // more than there are runs
    onProgress: (progress) => void told.push(progress),
  });
  assert.deepEqual(
    records!.map(({ label, status }) => `${label} ${status}`),
    sweep.map(({ label }) => `${label} finished`),
  );
  assert.deepEqual(await sweepWeights(folder), expected);
  // The student waited for its teacher.
  const [teacher, student] = sweep.map(({ label }) => label);
  const first = told.findIndex(({ label }) => label === student);
  assert.ok(first > 0);
  assert.ok(told.slice(first).every(({ label }) => label !== teacher));
  assert.ok(told.every(({ beside }) => [1, 2].includes(beside!.length)));
  const shares = told.map(({ share }) => share);
  assert.deepEqual(shares, shares.toSorted((a, b) => a - b));
  assert.ok(shares[0] === 0 && shares.at(-1)! > 0.99);
});

Deno.test("runJobs() tells which run's process was killed, does the others, and goes on with it when asked again", async () => {
  const folder = `${root}/killed`;
  const [, student] = sweep;
  const notices: string[] = [];
  let killed = 0;
  await assert.rejects(
    run(folder, sweep, {
      onNotice: (notice) => void notices.push(notice),
      // At the teacher's first step: its own, or the one beside it.
      onProgress: ({ label, progress }) => {
        if (killed || label !== sweep[0].label || !progress) return;
        const [pid] = processes();
        assert.ok(pid > 1);
        killed = pid;
        Deno.kill(pid, "SIGKILL");
      },
    }),
    ({ message }: Error) => {
      assert.match(message, /^Cannot finish [12] of 3 runs: /);
      assert.match(
        message,
        /was cut short: its process was killed \(SIGKILL\)/,
      );
      assert.match(message, /Run the same again to go on, with fewer runs at/);
      return true;
    },
  );
  assert.ok(killed > 0);
  const store = new RunStore(folder);
  const finished = store.all().filter(({ status }) => status === "finished")
    .map(({ label }) => label);
  store.close();
  // Whichever it was: the rest is done, but for the student of a lost teacher.
  const labels = sweep.map(({ label }) => label);
  const lost = labels.filter((label) =>
    notices.some((notice) => notice.startsWith(`${label}, seed`))
  );
  assert.ok(lost.length === notices.length && lost.length < 3);
  assert.deepEqual([...finished, ...lost].sort(), labels.sort());
  if (lost.includes(sweep[0].label)) {
    assert.match(
      notices[1],
      RegExp(`^${student.label}, seed 0, is not run, as it learns from`),
    );
  }
  assert.equal((await run(folder, sweep))?.length, 3);
  assert.deepEqual(await sweepWeights(folder), expected);
});

Deno.test("runJobs() stops all processes after their step, and goes on with each run from there", async () => {
  const folder = `${root}/stopped`;
  const stop = new AbortController();
  const steps = new Map<string, number>();
  const note = ({ label, progress }: ExperimentProgress) => {
    if (progress) steps.set(label, progress.iteration);
  };
  const stopped = await run(folder, sweep, {
    signal: stop.signal,
    onProgress: (progress) => {
      note(progress);
      if (steps.size === 2) stop.abort();
    },
  });
  assert.equal(stopped, null);
  const reached = new Map(steps);
  const again = new Map<string, number>();
  const records = await run(folder, sweep, {
    onProgress: ({ label, progress }) => {
      if (progress && !again.has(label)) again.set(label, progress.iteration);
    },
  });
  assert.equal(records?.length, 3);
  for (const [label, step] of reached) {
    assert.ok((again.get(label) ?? Infinity) > step, `${label}: ${step}`);
  }
  assert.deepEqual(await sweepWeights(folder), expected);
});

Deno.test("runJobs() is stopped, and loses no run, where Ctrl-C ends processes that are just beginning", async () => {
  const stop = new AbortController();
  const stopped = await run(`${root}/interrupted`, sweep, {
    signal: stop.signal,
    onNotice: (notice) => assert.fail(notice),
    onStart: () => {
      // They do not listen yet.
      const killed = setInterval(() => {
        const begun = processes();
        if (begun.length === 0) return;
        clearInterval(killed);
        stop.abort();
        for (const pid of begun) Deno.kill(pid, "SIGINT");
      }, 1);
    },
  });
  assert.equal(stopped, null);
});

Deno.test("openJobProcess() loses no run where its process was killed between two", async () => {
  const store = new RunStore(`${root}/between`);
  const runner = openJobProcess({
    store,
    threads: 1,
    onNotice: (notice) => assert.fail(notice),
  });
  const [first, , second] = sweep;
  assert.equal((await runner.run(first, () => {}))?.status, "finished");
  const [pid] = processes();
  assert.ok(pid > 1);
  Deno.kill(pid, "SIGKILL");
  assert.equal((await runner.run(second, () => {}))?.status, "finished");
  await runner[Symbol.asyncDispose]();
  store.close();
  assert.deepEqual(processes(), []);
});

Deno.test("runJobs() stops the other processes where one fails, and says why", async () => {
  const folder = `${root}/failed`;
  const [teacher] = sweep;
  const id = await runId(teacher.config, teacher.seed);
  await Deno.mkdir(`${folder}/runs`, { recursive: true });
  await Deno.writeTextFile(`${folder}/runs/${id}`, ""); // where its folder is to be
  await assert.rejects(
    run(folder, sweep),
    /Not a directory/,
  );
  await Deno.remove(`${folder}/runs/${id}`);
  assert.equal((await run(folder, sweep))?.length, 3);
  assert.deepEqual(await sweepWeights(folder), expected);
});

Deno.test("runJobs() records a run that diverges in a process, and who would learn from it", async () => {
  const wild: RunConfig = {
    ...tiny,
    optimizer: { kind: "sgd", learningRate: 1e30, weightDecay: 0 },
    warmup: { iterations: 1, start: 1 },
    clipNorm: null,
  };
  const student = { ...tiny, teacher: { config: wild, seed: 0 } };
  const notices: string[] = [];
  const records = await run(
    `${root}/diverged`,
    await withTeachers([
      { label: "pupil", config: student, seed: 0, weights: false },
      { label: "tame", config: tiny, seed: 0, weights: false },
    ]),
    { onNotice: (notice) => void notices.push(notice) },
  );
  assert.deepEqual(
    records!.map(({ label, status }) => `${label} ${status}`),
    ["teacher of pupil diverged", "pupil diverged", "tame finished"],
  );
  assert.deepEqual(records![1].divergence, records![0].divergence);
  assert.match(notices.join("\n"), /^teacher of pupil, seed 0, diverged: '/m);
});

Deno.test("runJobs() refuses 0, −1 or 1.5 runs at once", async () => {
  for (const atOnce of [0, -1, 1.5, NaN]) {
    await assert.rejects(run(`${root}/none`, [], { atOnce }), {
      name: "RangeError",
      message: `Cannot do runs: as many as at once must be a whole number ` +
        `above 0: current value is ${atOnce}`,
    });
  }
});
