/** `./ldlab runs` as it is typed, on a store whose runs were never run. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fields } from "ldlab/engine/protobuf.ts";
import { type RunConfig, runId } from "../../experiments/config.ts";
import { projectFolder } from "../../experiments/project.ts";
import { lockRun } from "../../experiments/run_lock.ts";
import { RunStore } from "../../experiments/store.ts";
import { tiny } from "../experiments/tiny_config.ts";

const learnt: RunConfig = {
  ...tiny,
  epochs: 5,
  teacher: { config: tiny, seed: 0 },
  terms: { ld: { loss: "ld", region: { kind: "main" }, weight: 0.25 } },
};

interface Stored {
  readonly folder: string;
  readonly store: RunStore;
  readonly teacher: string;
  readonly student: string;
  readonly wild: string;
  readonly stopped: string;
}

/** A finished teacher and student, a run that diverged and one that was stopped. */
async function withRuns(body: (stored: Stored) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const [teacher, student] = [await runId(tiny, 0), await runId(learnt, 2)];
  const [wild, stopped] = [await runId(tiny, 7), await runId(tiny, 8)];
  const begin = (id: string, label: string, seed: number, config = tiny) =>
    store.start({ id, label, seed, config, teacher: null });
  begin(teacher, "big", 0);
  store.finish(teacher, { ap: 0.5, "ap RBC": 0.25 }, { seconds: 60 });
  store.start({ id: student, label: "LD", seed: 2, config: learnt, teacher });
  store.addEpoch(student, 0, { ld: 3 });
  store.addEpoch(student, 1, { ld: 2 });
  store.addEvaluation(student, 1, { ap: 0.1 });
  store.addEvaluation(student, 2, { ap: 0.4 });
  store.finish(student, { ap: 0.4 }, { seconds: 90, waitShare: 0.125 });
  begin(wild, 'wild, "quoted"', 7);
  store.diverge(wild, {
    ...{ iteration: 3, term: "ld", value: "NaN", learningRate: 0.1 },
    images: ["a", "b"],
  }, 1);
  begin(stopped, "half", 8);
  for (const id of [teacher, student]) {
    await Deno.mkdir(store.runFolder(id), { recursive: true });
    const weights = `${store.runFolder(id)}/weights.safetensors`;
    await Deno.writeFile(weights, new Uint8Array(2_500_000));
  }
  try {
    await body({ folder, store, teacher, student, wild, stopped });
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function runs(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "commands/runs.ts", ...args],
    cwd: projectFolder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.doesNotMatch(text(stderr), /\n\s+at /);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What a command prints, which ends well. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runs(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test("runs list shows every run, or those that are asked for", () =>
  withRuns(async ({ folder, store, teacher, student, wild, stopped }) => {
    const db = new DatabaseSync(`${folder}/runs.sqlite`);
    db.prepare("UPDATE runs SET numerics = 1, started = ? WHERE id = ?")
      .run(new Date(Date.now() - 50 * 3600_000).toISOString(), teacher);
    db.close();
    const list = (...flags: string[]) =>
      said("list", "--folder", folder, ...flags);
    const all = await list();
    const rows = [
      `${teacher}  big +0  finished, stale +50\\.0  1 min 00 s  2 days ago`,
      `${student}  LD +2  finished +40\\.0  1 min 30 s +\\d+\\.\\d s ago`,
      `${wild}  wild, "quoted" +7  diverged +– +1\\.0 s +`,
      `${stopped}  half +8  stopped +–  +– +`,
    ];
    for (const row of rows) assert.match(all, RegExp(`^${row}`, "m"));
    assert.match(all, /1 run is stale/);
    const ids = (text: string) => text.match(/^[0-9a-f]{16}(?= {2})/gm);
    assert.deepEqual(ids(await list("--stale")), [teacher]);
    assert.deepEqual(ids(await list("--status", "diverged")), [wild]);
    assert.deepEqual(ids(await list("--label", "LD")), [student]);
    assert.match(await list("--label", "KD"), /^No such run is stored in /);
    using lock = await lockRun(store.lockFile(stopped));
    assert.ok(lock);
    assert.deepEqual(ids(await list("--status", "running")), [stopped]);
    assert.equal(ids(await list("--status", "stopped")), null);
  }));

Deno.test("runs show tells what a run was, of its teacher, and what came of it", () =>
  withRuns(async ({ folder, teacher, student, wild, store }) => {
    const text = await said("show", student.slice(0, 6), "--folder", folder);
    for (
      const line of [
        `run      ${student}`,
        "label    LD, seed 2",
        `teacher  ${teacher} \\(big, seed 0\\)`,
        "took     1 min 30 s",
        "waited   12\\.5 % of the training for images",
        `files    ${
          store.runFolder(student)
        }: weights.safetensors \\(2\\.5 MB\\)`,
        "epochs:     5",
        `teacher: +${teacher}`,
        "LD  40\\.0  1 min 30 s",
        "1  10\\.0",
        "ld   3\\.0000   2\\.0000",
      ]
    ) assert.match(text, RegExp(`^${line}`, "m"));
    store.remove(teacher);
    const later = await said("show", student, "--folder", folder);
    assert.match(later, RegExp(`^teacher  ${teacher}, which was removed`, "m"));
    const diverged = await said("show", wild, "--folder", folder);
    assert.match(
      diverged,
      /^diverged {2}.*'ld' was NaN at iteration 3, of .*a, b/m,
    );
  }));

Deno.test("runs diff shows only the settings that differ, and the metrics", () =>
  withRuns(async ({ folder, teacher, student, wild }) => {
    const diff = (a: string, b: string) =>
      said("diff", a, b, "--folder", folder);
    const [settings, metrics] = (await diff(teacher, student)).split("\n\n");
    const rows = settings.split("\n").slice(3)
      .map((line) => line.split(/  +/).slice(0, 3).join(" | "));
    assert.deepEqual(rows.slice(0, 4), [
      "label | big | LD",
      "seed | 0 | 2",
      "epochs | 4 | 5",
      "terms.ld.loss | – | ld",
    ]);
    assert.equal(rows.at(-1), `teacher | null | run ${teacher}`);
    assert.match(metrics, /^difference +−10\.0 /m);
    const seeds = await diff(teacher, wild);
    assert.deepEqual(
      seeds.split("\n\n")[0].split("\n").slice(3).map((line) =>
        line.slice(0, 5)
      ),
      ["label", "seed "],
    );
    assert.doesNotMatch(seeds, /difference/);
    assert.match(await diff(teacher, teacher), /All settings are the same\./);
  }));

Deno.test("runs export writes CSV and JSON that say what is stored", () =>
  withRuns(async ({ folder, teacher, student, wild, store }) => {
    const csv = (await said("export", "--csv", "--folder", folder)).split(
      "\r\n",
    );
    assert.match(
      csv[0],
      /^id,label,seed,status,stale,teacher,started,seconds,waitShare,ap,ap RBC,numerics,commit,environment$/,
    );
    assert.ok(csv[1].startsWith(`${teacher},big,0,finished,,,20`));
    assert.match(
      csv[2],
      RegExp(`^${student},LD,2,finished,,${teacher},.*Z,90,0\\.125,0\\.4,,`),
    );
    assert.ok(csv[3].startsWith(`${wild},"wild, ""quoted""",7,diverged,,,`));
    assert.equal(csv.length, 6);
    const file = `${folder}/runs.json`;
    const { code, stderr } = await runs(
      "export",
      "--json",
      file,
      "--folder",
      folder,
    );
    assert.deepEqual([code, stderr], [0, `4 runs are written to ${file}\n`]);
    const records = JSON.parse(await Deno.readTextFile(file));
    assert.deepEqual(records[1], { ...store.get(student)!, stale: false });
    assert.equal(records[3].status, "stopped");
    const nowhere = await runs(
      "export",
      "--json",
      `${folder}/no/x`,
      "--folder",
      folder,
    );
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /^Cannot write .*no\/x: No such file/);
    for (const flags of [[], ["--csv", "--json"]]) {
      const { code, stderr } = await runs("export", ...flags);
      assert.equal(code, 2);
      assert.match(stderr, /^Cannot export: there must be --csv or --json/);
    }
  }));

Deno.test("runs remove frees runs, but no teacher of a finished student and none that is being run", () =>
  withRuns(async ({ folder, store, teacher, student, stopped, wild }) => {
    const remove = (...args: string[]) =>
      runs("remove", "--folder", folder, ...args);
    const ids = () => store.all().map(({ id }) => id);
    const unasked = await remove(student);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /^Cannot ask .*Add --yes/);
    const refused = await remove(teacher, wild, "--yes");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      RegExp(
        `^Cannot remove run ${teacher} \\(big\\): it is the teacher of ${student} \\(LD, seed 2\\)\\. Remove these too, or add --force`,
      ),
    );
    {
      using lock = await lockRun(store.lockFile(stopped));
      assert.ok(lock);
      const busy = await remove(stopped, "--yes");
      assert.equal(busy.code, 1);
      assert.match(busy.stderr, /^Cannot remove .*a process is at it/);
    }
    assert.equal(ids().length, 4, "nothing was removed");
    const forced = await remove(teacher, teacher, "--yes", "--force");
    assert.match(forced.stdout, /^1 run removed, 2\.5 MB freed$/m);
    assert.deepEqual(ids(), [student, wild, stopped]);
    assert.throws(() => Deno.statSync(store.runFolder(teacher)));
    const rest = await remove(student, wild, stopped, "--yes");
    assert.match(rest.stdout, /^3 runs removed, 2\.5 MB freed$/m);
    assert.deepEqual(ids(), []);
  }));

Deno.test("runs remove takes a teacher with its students", () =>
  withRuns(async ({ folder, store, teacher, student }) => {
    await said("remove", teacher, student, "--yes", "--folder", folder);
    assert.equal(store.all().length, 2);
  }));

Deno.test("runs tensorboard writes each run's curves, and writes them again in their place", () =>
  withRuns(async ({ folder, student, wild }) => {
    const logdir = `${folder}/log`;
    for (let time = 0; time < 2; time++) {
      const text = await said("tensorboard", logdir, "--folder", folder);
      assert.match(
        text,
        /^4 runs are written\. .*tensorboard --logdir .*\/log$/m,
      );
    }
    const names = [...Deno.readDirSync(logdir)].map(({ name }) => name).sort();
    assert.equal(names.length, 4);
    assert.ok(names.includes(`wild_quoted__seed_7_${wild}`), `${names}`);
    const path = `${logdir}/LD_seed_2_${student}`;
    assert.deepEqual(
      [...Deno.readDirSync(path)].map(({ name }) => name),
      [`events.out.tfevents.${student}`],
    );
    const file = await Deno.readFile(`${path}/events.out.tfevents.${student}`);
    assert.deepEqual(scalarsOf(file), [
      "terms/ld 1 3",
      "metrics/ap 1 0.1",
      "terms/ld 2 2",
      "metrics/ap 2 0.4",
    ]);
  }));

/** Tag, step and value of each scalar in an event file. */
function scalarsOf(file: Uint8Array): string[] {
  const found: string[] = [];
  const view = new DataView(file.buffer);
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    const event = [...fields(file.subarray(at + 12, at + 12 + length))];
    at += length + 16;
    const summary = event.find(({ number }) => number === 5);
    if (!summary) continue;
    const [value] = fields(summary.bytes);
    const [tag, scalar] = fields(value.bytes);
    const step = event.find(({ number }) => number === 2)!.value;
    const { buffer, byteOffset } = scalar.bytes;
    const number = new DataView(buffer, byteOffset).getFloat32(0, true);
    found.push(
      `${new TextDecoder().decode(tag.bytes)} ${step} ${
        Number(number.toPrecision(6))
      }`,
    );
  }
  return found;
}

Deno.test("runs says what is wrong with what was typed", () =>
  withRuns(async ({ folder }) => {
    const cases: [string[], number, RegExp][] = [
      [["shwo"], 2, /^There is no command 'shwo', did you mean 'show'\?/],
      [["show", "zz", "--folder", folder], 2, /^There is no run 'zz' in /],
      [
        ["show", "", "--folder", folder],
        2,
        /^'' may be one of 4 runs: .*Type more/,
      ],
      [["remove", "--yes"], 2, /^ID is missing/],
      [
        ["list", "--folder", `${folder}/none`],
        1,
        /^Cannot read runs: there is no .*none\/runs\.sqlite/,
      ],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await runs(...args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
    }
    assert.throws(() => Deno.statSync(`${folder}/none`), Deno.errors.NotFound);
    const overview = await said();
    for (
      const name of ["list", "show", "diff", "export", "remove", "tensorboard"]
    ) {
      assert.match(overview, RegExp(`^  ${name} `, "m"));
    }
  }));
