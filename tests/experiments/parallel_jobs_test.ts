/** Several runs at once, each by a process: `./ldlab table --jobs 2`. */
import assert from "node:assert/strict";
import { runId } from "../../experiments/config.ts";
import {
  type ExperimentProgress,
  type Job,
  type JobsOptions,
  runJobs,
} from "../../experiments/jobs.ts";
import { RunStore } from "../../experiments/store.ts";
import { sweepWeights } from "./sweep_process.ts";
import { sweep } from "./tiny_sweep.ts";

/** Processes of runs that this one has started and that are alive. */
function processes(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((pid) => pid > 1 && isOwn(pid));
}

function isOwn(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(parent) === Deno.pid && state !== "Z" &&
      Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("job_worker.ts");
  } catch {
    return false; // is gone
  }
}

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
await run(`${root}/one`, sweep, { atOnce: 1 });
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
  // What did not need the teacher did not wait for it; the student did.
  const [teacher, student, plain] = sweep.map(({ label }) => label);
  const beside = told.map((progress) =>
    progress.beside!.map(({ label }) => label).join()
  );
  assert.ok(beside.includes(`${teacher},${plain}`), beside.join("; "));
  const first = told.findIndex(({ label }) => label === student);
  assert.ok(told.slice(first).every(({ label }) => label !== teacher));
  const shares = told.map(({ share }) => share);
  assert.deepEqual(shares, shares.toSorted((a, b) => a - b));
  assert.ok(shares[0] === 0 && shares.at(-1)! > 0.99);
});

Deno.test("runJobs() tells which run's process was killed, does the others, and goes on with it when asked again", async () => {
  const folder = `${root}/killed`;
  const [, student, plain] = sweep;
  const notices: string[] = [];
  let killed = 0;
  await assert.rejects(
    run(folder, sweep, {
      onNotice: (notice) => void notices.push(notice),
      // The teacher's, at its first step: both runs may be at it.
      onProgress: ({ label, progress, beside }) => {
        if (killed || label !== sweep[0].label || !progress) return;
        if (beside!.length < 2) return;
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
  const finished = store.all().filter(({ status }) => status === "finished");
  store.close();
  // Whichever it was: the rest is done, but for the student of a lost teacher.
  if (notices.some((notice) => notice.startsWith(plain.label))) {
    assert.equal(finished.length, 2);
  } else {
    assert.deepEqual(finished.map(({ label }) => label), [plain.label]);
    assert.match(
      notices[1],
      RegExp(`^${student.label}, seed 0, is not run, as`),
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

Deno.test("runJobs() refuses 0, −1 or 1.5 runs at once", async () => {
  for (const atOnce of [0, -1, 1.5, NaN]) {
    await assert.rejects(run(`${root}/none`, [], { atOnce }), {
      name: "RangeError",
      message: `Cannot do runs: as many as at once must be a whole number ` +
        `above 0: current value is ${atOnce}`,
    });
  }
});
