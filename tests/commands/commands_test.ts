/** The commands as they are typed, on runs of seconds. */
import assert from "node:assert/strict";
import { projectFolder } from "../../experiments/project.ts";
import { RunStore } from "../../experiments/store.ts";
import { jobProcesses } from "../experiments/job_processes.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** A small run of so many epochs of four steps. */
const short = (epochs: number) =>
  [
    `epochs=${epochs}`,
    "data.train=32",
    "data.test=4",
    "warmup.iterations=2",
  ].flatMap((setting) => ["--set", setting]);

function start(command: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `commands/${command}.ts`, ...args],
    cwd: projectFolder,
    env: { NO_COLOR: "1", TF_CPP_MIN_LOG_LEVEL: "2" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const run = (command: string, ...args: string[]) =>
  ended(start(command, ...args));

/** The path behind a heading of what a command printed. */
function pathIn(stdout: string, heading: string): string {
  return new RegExp(`^${heading}:? (.+)$`, "m").exec(stdout)![1];
}

Deno.test("train, eval, publish, convert and speed hand one detector on", async () => {
  const store = `${folder}/one`;
  const args = ["smoke_student", ...short(2), "--folder", store];
  const trained = await run("train", ...args);
  assert.equal(trained.code, 0, trained.stderr);
  const weights = pathIn(trained.stdout, "Weights");

  const json = `${folder}/metrics.json`;
  const own = await run("eval", ...args, "--json", json);
  assert.equal(own.code, 0, own.stderr);
  const metrics = JSON.parse(await Deno.readTextFile(json));
  assert.ok(metrics.ap >= 0 && metrics.ap <= 1);

  const published = await run("publish", weights, "--to", folder);
  assert.equal(published.code, 0, published.stderr);
  const path = pathIn(published.stdout, "Published");
  assert.match(path, /\/weights-[0-9a-f]{8}\.safetensors$/);
  const pth = `${folder}/again.pth`;
  assert.equal((await run("convert", path, pth)).code, 0);
  const other = await run(
    "eval",
    ...args,
    ...["--weights", pth, "--json", `${folder}/again.json`],
  );
  assert.equal(other.code, 0, other.stderr);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(`${folder}/again.json`)),
    metrics,
  );

  const speed = await run(
    "speed",
    "smoke_student",
    ...["--weights", pth, "--images", "2", "--repeats", "1"],
  );
  assert.equal(speed.code, 0, speed.stderr);
  assert.match(
    speed.stdout,
    /images\/s {2}ms an image {2}M parameters {2}GFLOPs/,
  );
});

Deno.test("train stops at Ctrl-C, refuses to start over, and goes on with --resume", async () => {
  const store = `${folder}/two`;
  const args = ["smoke_student", ...short(4000), "--folder", store];
  const child = start("train", ...args);
  const errors = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const quiet = child.stdout.pipeTo(new WritableStream());
  for (let said = ""; !/step \d/.test(said);) {
    const { value, done } = await errors.read();
    assert.ok(!done, said);
    said += value;
  }
  child.kill("SIGINT");
  while (!(await errors.read()).done);
  await quiet;
  assert.equal((await child.status).code, 130);
  const again = await run("train", ...args);
  assert.equal(again.code, 2);
  const at = Number(/stopped at iteration (\d+)/.exec(again.stderr)![1]);
  assert.ok(at > 0);
  const resumed = start("train", ...args, "--resume");
  const later = resumed.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const silent = resumed.stdout.pipeTo(new WritableStream());
  for (let said = "", step = 0; step <= at;) {
    const { value, done } = await later.read();
    assert.ok(!done, said);
    said += value;
    const steps = [...said.matchAll(/step (\d+)/g)].map(([, n]) => Number(n));
    assert.ok(steps.every((n) => n >= at), said); // none is done again
    step = Math.max(0, ...steps);
  }
  resumed.kill("SIGINT");
  while (!(await later.read()).done);
  await silent;
  assert.equal((await resumed.status).code, 130);
});

Deno.test("train records a run that diverges, says so again, and starts it over with --again", async () => {
  const args = [
    ...["smoke_student", ...short(2), "--folder", `${folder}/three`],
    ...["--set", "optimizer.kind=sgd", "--set", "optimizer.learningRate=1e30"],
  ];
  const message =
    /^Cannot finish: smoke_student, seed 0, diverged: '\w+' was .* at iteration \d, .*--again starts it over$/m;
  const first = await run("train", ...args);
  assert.equal(first.code, 1);
  assert.match(first.stderr, message);
  assert.match(first.stderr, /step \d/);
  const second = await run("train", ...args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, message);
  assert.doesNotMatch(second.stderr, /step \d/);
  const again = await run("train", ...args, "--again");
  assert.match(again.stderr, message);
  assert.match(again.stderr, /step \d/);
  const listed = await run("runs", "list", "--folder", `${folder}/three`);
  assert.match(listed.stdout, /smoke_student +0 {2}diverged/);
});

Deno.test("table runs rows, writes them, and knows what is stored", async () => {
  const store = `${folder}/four`;
  const args = ["2", "--scale", "smoke", "--rows", "baseline"];
  const plan = await run("table", ...args, "--folder", store, "--dry-run");
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /baseline: no distillation .*0 of 1 stored/);
  const ran = await run("table", ...args, "--folder", store);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Table 2: .*\n.*\n.*AP50.*\n.*\nno distillation /);
  const target = `${store}/table_2/smoke/rows_baseline`;
  const namesIn = (folder: string) =>
    [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const written = namesIn(target);
  assert.deepEqual(written, [
    "ap_over_epochs.json",
    "ap_over_epochs.pdf",
    "ap_over_epochs.png",
    "ap_over_epochs.svg",
    "classes.csv",
    "conclusion.md",
    "runs.json",
    "table.csv",
    "table.md",
    "table.tex",
  ]);
  const csv = await Deno.readTextFile(`${target}/table.csv`);
  assert.match(csv, /no distillation,.*40\.1,58\.2,43\.1/);
  assert.match(
    await Deno.readTextFile(`${target}/table.md`),
    /\n\n1 run, .* in all, from .* UTC; scale smoke, seed 0; commit .*\n$/,
  );
  const output = `${folder}/chosen`;
  const there = ["--folder", store, "--output", output];
  const moved = await run("table", ...args, ...there, "--journal", "single");
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(namesIn(output), ["rows_baseline"]);
  const sized = ["pdf", "png", "svg"].map((kind) =>
    `ap_over_epochs_single.${kind}`
  );
  assert.deepEqual(
    namesIn(`${output}/rows_baseline`),
    [...written, ...sized].sort(),
  );
  // Another sweep that ends at the same moment is waited for.
  const held = await Deno.open(target);
  await held.lock(true);
  const waiting = async () => {
    const child = start("table", ...args, "--folder", store);
    const errors = child.stderr.pipeTo(new WritableStream());
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("Writing to")) {
      const { value, done } = await lines.read();
      assert.ok(!done, said);
      said += value;
    }
    return { child, errors, lines, said };
  };
  const stopped = await waiting();
  stopped.child.kill("SIGINT");
  assert.ok((await stopped.lines.read()).done);
  assert.equal((await stopped.child.status).code, 130);
  await stopped.errors;
  const { child, errors, lines, ...begun } = await waiting();
  let { said } = begun;
  const next = lines.read();
  const pause = new Promise((resolve) => setTimeout(resolve, 2500));
  await Promise.race([next, pause.then(() => said += "(nothing)")]);
  held.close();
  said += (await next).value;
  for (let more; !(more = await lines.read()).done;) said += more.value;
  await errors;
  assert.match(said, /Writing to .*:\n\(nothing\) {2}table\.md\n/);
  assert.ok((await child.status).success);
  // A picture that cannot be written is more than a missing browser.
  await Deno.remove(`${target}/ap_over_epochs.png`);
  await Deno.mkdir(`${target}/ap_over_epochs.png`);
  const blocked = await run("table", ...args, "--folder", store);
  assert.equal(blocked.code, 1, blocked.stdout);
  assert.match(
    blocked.stderr,
    /^Cannot write .*\/ap_over_epochs\.png: .*The runs are stored/m,
  );
  const again = await run("table", ...args, "--folder", store, "--dry-run");
  assert.match(again.stdout, /1 of 1 stored/);
  const figure = ["figure", "4", "--scale", "smoke", "--dry-run"];
  const figure4 = await run("table", ...figure, "--folder", store);
  assert.match(figure4.stdout, /^Figure 4: [^]*^baseline: .* 1 of 1 stored/m);
  const list = await run("table", "--list");
  assert.match(list.stdout, /^paper_against_code {2}Does it matter/m);
});

Deno.test("table stops at Ctrl-C, and the same command goes on", async () => {
  const args = ["1a", "--scale", "smoke", "--rows", "tau_10"];
  const store = ["--folder", `${folder}/four`];
  const child = start("table", ...args, ...store);
  const errors = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const quiet = child.stdout.pipeTo(new WritableStream());
  for (let said = ""; !/step \d/.test(said);) {
    const { value, done } = await errors.read();
    assert.ok(!done, said);
    said += value;
  }
  child.kill("SIGINT");
  let last = "";
  for (let part; !(part = await errors.read()).done;) last += part.value;
  await quiet;
  assert.equal((await child.status).code, 130);
  assert.match(
    last,
    /Stopped\. What is finished is stored; run the same again/,
  );
  const ended = await run("table", ...args, ...store);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /LD, τ = 10 .*41\.1/);
});

Deno.test("table --jobs stops all its runs at Ctrl-C, and the same command goes on", async () => {
  const args = [
    ...["1a", "--scale", "smoke", "--rows", "tau_10", "--jobs", "2"],
    ...["--folder", `${folder}/five`],
  ];
  const child = start("table", ...args);
  const errors = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const quiet = child.stdout.pipeTo(new WritableStream());
  while (startedRuns(`${folder}/five`) < 2) await pause();
  // As a terminal does: to each process.
  const runs = jobProcesses(child.pid);
  assert.equal(runs.length, 2);
  for (const pid of [...runs, child.pid]) Deno.kill(pid, "SIGINT");
  let said = "";
  for (let part; !(part = await errors.read()).done;) said += part.value;
  await quiet;
  assert.equal((await child.status).code, 130, said);
  assert.match(said, /run 1\/3 \((teacher|without LD, seed 0): /);
  assert.match(
    said,
    /Stopped\. What is finished is stored; run the same again/,
  );
  assert.deepEqual(runs.filter((pid) => isThere(pid)), []);
  const ended = await run("table", ...args);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /LD, τ = 10 .*41\.1/);
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

/** How many runs have begun. */
function startedRuns(path: string): number {
  try {
    const store = new RunStore(path, { forReading: true });
    const { length } = store.all();
    store.close();
    return length;
  } catch {
    return 0; // it is not there yet
  }
}

function isThere(pid: number): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("commands say what is wrong with what was typed, without a stack", async () => {
  const cases: [string[], number, RegExp][] = [
    [["train"], 2, /^Cannot train: there must be a CONFIG/],
    [["train", "smoke_studnet"], 2, /did you mean 'smoke_student'/],
    [
      ["eval", "smoke_student", "--folder", `${folder}/none`],
      2,
      /it has not been run\. Run \.\/ldlab train smoke_student/,
    ],
    [
      ["eval", "smoke_student", "--weights", `${folder}/none.pth`],
      1,
      /^Cannot read weights .*none\.pth/,
    ],
    [["convert", `${folder}/none.pth`, "x.txt"], 1, /must end in \.pth/],
    [["speed", "smoke_student", "--images", "0"], 2, /--images/],
    [["table"], 2, /^Cannot run a table: ID is missing/],
    [["table", "9"], 2, /^Cannot find the table '9': there are 1a, .*figure_5/],
    [["table", "figure", "7"], 2, /^Cannot find the table 'figure_7'/],
    [["table", "1a", "2"], 2, /^Cannot run '1a 2': name one table, or all/],
    [["table", "self_destillation"], 2, /did you mean 'self_distillation'/],
    [["table", "2", "--scale", "smal"], 2, /did you mean 'small'/],
    [["table", "2", "--rows", "orus"], 2, /did you mean 'ours'/],
    [["table", "2", "--seeds", "0"], 2, /--seeds must be/],
    [["table", "2", "--seeds", "-1"], 2, /--seeds must be/],
    [["table", "2", "--jobs", "0"], 2, /--jobs must be a whole number of at/],
    [["table", "2", "--jobs=-2"], 2, /--jobs must be a whole number of at/],
    [["table", "all", "--rows", "ours"], 2, /Cannot choose rows of all/],
  ];
  for (const [[command, ...args], expected, message] of cases) {
    const { code, stderr } = await run(command, ...args);
    assert.equal(code, expected, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});
