import assert from "node:assert/strict";
import { join } from "node:path";
import { runId } from "../../experiments/config.ts";
import { executeRun } from "../../experiments/run.ts";
import { lockRun } from "../../experiments/run_lock.ts";
import { RunStore } from "../../experiments/store.ts";
import { tiny, TINY_STEPS } from "./tiny_config.ts";

async function inFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Another process, running a module's text; `line` waits for what it prints. */
function startProcess(folder: string, text: string) {
  const script = join(folder, "process.ts");
  const from = (path: string) =>
    JSON.stringify(new URL(`../../experiments/${path}`, import.meta.url).href);
  Deno.writeTextFileSync(
    script,
    `import { lockRun } from ${from("run_lock.ts")};
     import { executeRun } from ${from("run.ts")};
     import { RunStore } from ${from("store.ts")};
     ${text}`,
  );
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--config=${config}`, script],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  return {
    line: async (wanted: string) => {
      while (!printed.includes(wanted)) {
        const { done, value } = await reader.read();
        assert.ok(!done, `the process ended and had printed: ${printed}`);
        printed += value;
      }
    },
    end: async (signal?: "SIGKILL") => {
      if (signal) child.kill(signal);
      for (let more = await reader.read(); !more.done;) {
        printed += more.value;
        more = await reader.read();
      }
      await child.status;
      return printed;
    },
  };
}

/** Holds the lock of a run until it is killed. */
const holder = (path: string) => `
  using lock = await lockRun(${JSON.stringify(path)});
  console.log(lock ? "held" : "refused");
  await new Promise((resolve) => setTimeout(resolve, 60_000));`;

Deno.test("lockRun() waits, and is free when the process that held it is killed", () =>
  inFolder(async (folder) => {
    const path = join(folder, "runs", "a1.lock");
    const other = startProcess(folder, holder(path));
    await other.line("held");
    let waits = 0;
    const lock = lockRun(path, { onWait: () => waits++ });
    const early = await Promise.race([
      lock,
      new Promise((resolve) => setTimeout(() => resolve("waiting"), 500)),
    ]);
    assert.equal(early, "waiting");
    await other.end("SIGKILL");
    (await lock)![Symbol.dispose]();
    assert.equal(waits, 1);
  }));

Deno.test("executeRun() says that it waits for another process, and can be stopped there", () =>
  inFolder(async (folder) => {
    const store = new RunStore(folder);
    const other = startProcess(
      folder,
      holder(store.lockFile(await runId(tiny, 0))),
    );
    await other.line("held");
    const stop = new AbortController();
    const notices: string[] = [];
    const record = await executeRun(tiny, 0, {
      store,
      label: "tiny",
      weights: true,
      signal: stop.signal,
      onNotice: (message) => {
        notices.push(message);
        setTimeout(() => stop.abort(), 300);
      },
    });
    assert.equal(record, null);
    assert.deepEqual(notices, [
      "tiny, seed 0, is being run by another process; waiting for it",
    ]);
    assert.equal(store.all().length, 0);
    await other.end("SIGKILL");
    store.close();
  }));

Deno.test("executeRun() trains once when two processes want the same run", () =>
  inFolder(async (folder) => {
    const other = startProcess(
      folder,
      `let steps = 0;
       const store = new RunStore(${JSON.stringify(folder)});
       const record = await executeRun(${JSON.stringify(tiny)}, 0, {
         store, label: "tiny", weights: true,
         onProgress: () => steps++ === 0 && console.log("training"),
       });
       console.log("steps", steps, "ap", record.metrics.ap);
       Deno.exit(0);`,
    );
    await other.line("training");
    const store = new RunStore(folder);
    let steps = 0;
    const record = await executeRun(tiny, 0, {
      store,
      label: "tiny",
      weights: true,
      onProgress: () => steps++,
    });
    assert.equal(steps, 0, "the stored result is taken");
    assert.equal(store.all().length, 1);
    store.close();
    const { ap } = record!.metrics!;
    assert.match(await other.end(), RegExp(`steps ${TINY_STEPS} ap ${ap}\\n`));
  }));

Deno.test("lockRun() is free at once for who comes next, also while processes are being started", () =>
  inFolder(async (folder) => {
    const path = join(folder, "run.lock");
    let starting = true;
    const starts = Array.from({ length: 4 }, async () => {
      while (starting) await new Deno.Command("/bin/true").output();
    });
    try {
      for (let i = 0; i < 1000; i++) {
        const lock = await lockRun(path);
        using next = Deno.openSync(path, { write: true });
        lock![Symbol.dispose]();
        assert.ok(next.tryLockSync(true), "the lock is still held");
        next.unlockSync();
      }
    } finally {
      starting = false;
      await Promise.all(starts);
    }
  }));
