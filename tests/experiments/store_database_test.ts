/** Stores that are old, new, locked or read-only. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { RunStore } from "../../experiments/store.ts";
import { openDatabase } from "../../experiments/store_database.ts";

async function inFolder(body: (folder: string) => void | Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** A store as the first released code made it, with a finished run. */
function writeOldStore(folder: string): void {
  const db = new DatabaseSync(`${folder}/runs.sqlite`);
  db.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE runs (
      id TEXT PRIMARY KEY, label TEXT NOT NULL, status TEXT NOT NULL,
      seed INTEGER NOT NULL, config TEXT NOT NULL, teacher TEXT,
      numerics INTEGER NOT NULL, commit_id TEXT NOT NULL,
      environment TEXT NOT NULL, started TEXT NOT NULL,
      seconds REAL NOT NULL DEFAULT 0, metrics TEXT,
      epochs TEXT NOT NULL DEFAULT '[]'
    ) STRICT;
    INSERT INTO runs VALUES ('a1', 'LD', 'finished', 3, '{"epochs":24}', 't1',
      2, 'abc', 'Deno', '2026-01-01T00:00:00.000Z', 32.5, '{"ap":0.4}',
      '[{"ld":3}]');
  `);
  db.close();
}

/** A store with one run. */
function writeStore(folder: string): void {
  const store = new RunStore(folder);
  store.start({ id: "a1", label: "LD", seed: 0, config: {}, teacher: null });
  store.finish("a1", { ap: 0.4 }, { seconds: 1 });
  store.close();
}

/** Runs a text that has `RunStore` and `folder`, by another process. */
async function inProcess(
  folder: string,
  text: string,
  { blocks = "unlimited", ...user }: {
    uid?: number;
    gid?: number;
    /** Of 512 bytes, which no file may be larger than. */
    blocks?: number | string;
  } = {},
): Promise<string> {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  const store = new URL("../../experiments/store.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { RunStore } from ${JSON.stringify(store)};
     const folder = ${JSON.stringify(folder)};
     ${text}`,
  );
  await Deno.chmod(script, 0o644);
  const cache = await Deno.makeTempDir(); // a user without rights has none
  await Deno.chmod(cache, 0o777);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command("/bin/sh", {
    args: [
      // Without the trap the system would end the process, not fail its write.
      ...["-c", `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, "sh"],
      ...[Deno.execPath(), "run", "-A", "--no-check", `--config=${config}`],
      script,
    ],
    env: { DENO_DIR: cache },
    ...user,
  }).output();
  await Deno.remove(cache, { recursive: true });
  await Deno.remove(script);
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** As by a user who may write nothing of `folder/store`: root may write all. */
async function withoutRights(folder: string, text: string): Promise<string> {
  const nobody = Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : {};
  await Deno.chmod(folder, 0o755);
  await Deno.chmod(`${folder}/store`, 0o555);
  for (const name of names(`${folder}/store`)) {
    await Deno.chmod(`${folder}/store/${name}`, 0o444);
  }
  const said = await inProcess(`${folder}/store`, text, nobody);
  await Deno.chmod(`${folder}/store`, 0o755);
  return said;
}

Deno.test("RunStore brings a store of before versions up to date and keeps a copy", () =>
  inFolder((folder) => {
    writeOldStore(folder);
    const store = new RunStore(folder);
    const record = store.get("a1")!;
    assert.deepEqual(record, {
      id: "a1",
      label: "LD",
      status: "finished",
      seed: 3,
      config: { epochs: 24 },
      teacher: "t1",
      weights: {},
      numerics: 2,
      commit: "abc",
      environment: "Deno",
      started: "2026-01-01T00:00:00.000Z",
      seconds: 32.5,
      waitShare: null,
      metrics: { ap: 0.4 },
      epochs: [{ ld: 3 }],
      evaluations: [],
      divergence: null,
    });
    store.addEvaluation("a1", 24, { ap: 0.4 });
    store.close();
    new RunStore(folder).close(); // is not brought up to date again
    assert.deepEqual(names(folder), [
      "runs.sqlite",
      "runs.sqlite.before-1",
    ]);
    const copy = new DatabaseSync(`${folder}/runs.sqlite.before-1`);
    const columns = copy.prepare("PRAGMA table_info(runs)").all();
    assert.equal(columns.length, 13);
    assert.equal(copy.prepare("SELECT id FROM runs").get()!.id, "a1");
    copy.close();
  }));

Deno.test("RunStore adds to a store of this version what it lacks, and the code that lacks it reads the store on", () =>
  inFolder((folder) => {
    writeOldStore(folder);
    new RunStore(folder).close();
    const path = `${folder}/runs.sqlite`;
    const tables = (db: DatabaseSync) =>
      db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
        .map(({ name }) => name);
    const db = new DatabaseSync(path);
    const added = ["measured", "data_notices"];
    for (const name of added) db.exec(`DROP TABLE ${name}`);
    for (const end of ["removed", "restarted"]) {
      db.exec(`DROP TRIGGER IF EXISTS measured_of_${end}`);
    }
    assert.deepEqual(tables(db), ["runs"]);
    db.close();
    const store = new RunStore(folder);
    store.addMeasured("a1", "w1", { ap: 0.5 });
    assert.deepEqual(store.finished("a1"), undefined, "of numerics 2");
    store.close();
    const again = new DatabaseSync(path);
    assert.deepEqual(tables(again), ["runs", ...added]);
    assert.equal(again.prepare("PRAGMA user_version").get()!.user_version, 1);
    const measured = () => again.prepare("SELECT run FROM measured").all();
    assert.equal(measured().length, 1);
    // As code without it removes a run.
    again.exec("DELETE FROM runs WHERE id = 'a1'");
    assert.equal(measured().length, 0);
    again.close();
  }));

Deno.test("RunStore refuses a store of a newer version by its number, and leaves it as it is", () =>
  inFolder((folder) => {
    writeStore(folder);
    const path = `${folder}/runs.sqlite`;
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 7");
    db.close();
    const before = Deno.readFileSync(path);
    for (const forReading of [false, true]) {
      assert.throws(
        () => new RunStore(folder, { forReading }),
        /^Error: Cannot open the store .*runs\.sqlite: its format is 7, of a newer ldlab; this one knows formats up to 1\. Use that ldlab/,
      );
    }
    assert.deepEqual(Deno.readFileSync(path), before);
    assert.deepEqual(names(folder), ["runs.sqlite"]);
  }));

Deno.test("RunStore says that another process holds the store, keeps what is stored, and can be read meanwhile", () =>
  inFolder((folder) => {
    writeStore(folder);
    const store = new RunStore(folder, { patience: 50 });
    const other = new DatabaseSync(`${folder}/runs.sqlite`);
    other.exec("BEGIN IMMEDIATE");
    const message =
      /^Error: Cannot write to the store .*: database is locked\. .*end that process, or wait for it, and run again/;
    assert.throws(() => store.addEpoch("a1", 0, { ld: 1 }), message);
    assert.throws(
      () => new RunStore(folder, { patience: 50 }),
      /Cannot open .*database is locked\. .*end that process/,
    );
    const reading = new RunStore(folder, { forReading: true });
    assert.equal(reading.finished("a1")?.metrics?.ap, 0.4);
    reading.close();
    other.exec("ROLLBACK");
    other.close();
    store.addEpoch("a1", 0, { ld: 1 });
    assert.deepEqual(store.get("a1")?.epochs, [{ ld: 1 }]);
    store.close();
  }));

Deno.test("RunStore says that the disk is full, and loses nothing that it stored", () =>
  inFolder(async (folder) => {
    writeStore(folder);
    const said = await inProcess(
      folder,
      `const store = new RunStore(folder);
       for (let epoch = 0; ; epoch++) {
         try { store.addEpoch("a1", epoch, { ld: epoch }); } catch ({ message }) {
           console.log(epoch);
           console.log(message);
           break;
         }
       }`,
      { blocks: 200 },
    );
    const [stored, message] = said.split("\n");
    assert.match(
      message,
      /^Cannot write to the store .*disk I\/O error\. Free space, and run again/,
    );
    const store = new RunStore(folder);
    const { epochs, metrics } = store.finished("a1")!;
    assert.ok(epochs.length > 0);
    assert.equal(epochs.length, Number(stored));
    assert.deepEqual(epochs.at(-1), { ld: epochs.length - 1 });
    assert.deepEqual(metrics, { ap: 0.4 });
    store.addEpoch("a1", epochs.length, { ld: 1 });
    assert.equal(store.get("a1")!.epochs.length, epochs.length + 1);
    store.close();
  }));

Deno.test("RunStore makes no store where runs are only looked at", () =>
  inFolder((folder) => {
    assert.throws(
      () => new RunStore(`${folder}/none`, { forReading: true }),
      /^Error: Cannot read runs: there is no .*none\/runs\.sqlite\. .*--folder/,
    );
    assert.deepEqual(names(folder), []);
  }));

for (
  const [kind, write] of [
    ["new", writeStore],
    ["old", writeOldStore],
  ] as const
) {
  Deno.test(`RunStore reads a read-only store that is ${kind}, and says what to do where it is to be written`, () =>
    inFolder(async (folder) => {
      Deno.mkdirSync(`${folder}/store`);
      write(`${folder}/store`);
      const said = await withoutRights(
        folder,
        `const store = new RunStore(folder, { forReading: true });
         console.log(store.all().map(({ id, metrics }) => id + metrics.ap));
         const tried = (action) => {
           try { action(); } catch ({ message }) { console.log(message); }
         };
         tried(() => store.remove("a1"));
         tried(() => new RunStore(folder));`,
      );
      const [list, written, opened] = said.split("\n");
      assert.equal(list, '[ "a10.4" ]');
      const remedy =
        "attempt to write a readonly database\\. Make the folder and its files writable";
      assert.match(written, RegExp(`^Cannot write to the store .*${remedy}`));
      assert.match(opened, RegExp(`^Cannot open the store .*${remedy}`));
      assert.deepEqual(names(`${folder}/store`), ["runs.sqlite"]);
    }));
}

Deno.test("RunStore reads what a killed process left in the log of a read-only store", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/live`);
    writeStore(`${folder}/live`);
    const store = new RunStore(`${folder}/live`);
    store.start({ id: "b2", label: "KD", seed: 0, config: {}, teacher: null });
    Deno.mkdirSync(`${folder}/store`);
    for (const end of ["", "-wal"]) { // as a kill leaves them
      Deno.copyFileSync(
        `${folder}/live/runs.sqlite${end}`,
        `${folder}/store/runs.sqlite${end}`,
      );
    }
    store.close();
    const said = await withoutRights(
      folder,
      `const store = new RunStore(folder, { forReading: true });
       console.log(store.all().map(({ id }) => id).join());`,
    );
    assert.equal(said, "a1,b2\n");
  }));

Deno.test("RunStore is brought up to date once by several processes at once", () =>
  inFolder(async (folder) => {
    writeOldStore(folder);
    const said = await Promise.all(["a", "b", "c"].map((id) =>
      inProcess(
        folder,
        `const store = new RunStore(folder);
         const run = { id: "${id}", label: "", seed: 0, config: {}, teacher: null };
         store.start(run);
         for (let epoch = 0; epoch < 20; epoch++) store.addEpoch(run.id, epoch, { ld: 1 });
         store.close();
         console.log("done");`,
      )
    ));
    assert.deepEqual(said, ["done\n", "done\n", "done\n"]);
    const store = new RunStore(folder);
    assert.deepEqual(
      store.all().map(({ id, epochs }) => `${id} ${epochs.length}`).sort(),
      ["a 20", "a1 1", "b 20", "c 20"],
    );
    store.close();
  }));

Deno.test("RunStore is made by several processes at once", () =>
  inFolder(async (folder) => {
    const begin = Date.now() + 1500; // when all have started
    const said = await Promise.all(Array.from({ length: 4 }, () =>
      inProcess(
        folder,
        `for (let i = 0; i < 20; i++) {
           while (Date.now() < ${begin} + 40 * i);
           new RunStore(folder + "/" + i).close();
         }
         console.log("done");`,
      )));
    assert.deepEqual(said, ["done\n", "done\n", "done\n", "done\n"]);
  }));

Deno.test("openDatabase() waits for who writes before writes go to a log, and not for ever", () =>
  inFolder(async (folder) => {
    const path = `${folder}/runs.sqlite`;
    const writer = new Worker(
      `data:text/javascript,${
        encodeURIComponent(`
          import { DatabaseSync } from "node:sqlite";
          const db = new DatabaseSync(${JSON.stringify(path)});
          db.exec("CREATE TABLE other (id); BEGIN IMMEDIATE");
          self.postMessage("it writes");
          self.onmessage = () => setTimeout(() => db.exec("COMMIT"), 300);
        `)
      }`,
      { type: "module" },
    );
    await new Promise((resolve) => writer.onmessage = resolve);
    assert.throws(() => openDatabase(path, 30), /database is locked/);
    writer.postMessage("end in a moment");
    const db = openDatabase(path);
    const [{ journal_mode }] = db.prepare("PRAGMA journal_mode").all();
    assert.equal(journal_mode, "wal");
    db.close();
    writer.terminate();
  }));
