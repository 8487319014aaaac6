import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { RunStore } from "../../experiments/store.ts";

function withStore(test: (store: RunStore, folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  const store = new RunStore(folder);
  try {
    test(store, folder);
  } finally {
    store.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

const run = {
  id: "a1",
  label: "LD τ 10",
  seed: 3,
  config: { epochs: 24 },
  teacher: "t1",
};

Deno.test("RunStore keeps a finished run when it is opened again", () => {
  withStore((store, folder) => {
    store.start(run);
    assert.equal(store.finished("a1"), undefined);
    store.addEpoch("a1", 0, { ld: 3 });
    store.addEpoch("a1", 1, { ld: 1 });
    store.addEpoch("a1", 1, { ld: 2 }); // done again after a resume
    store.finish("a1", { ap: 0.409 }, { seconds: 32.5, waitShare: 0.01 });
    const again = new RunStore(folder);
    const found = again.finished("a1");
    again.close();
    assert.deepEqual(found?.config, run.config);
    assert.deepEqual(found?.metrics, { ap: 0.409 });
    assert.deepEqual(found?.epochs, [{ ld: 3 }, { ld: 2 }]);
    assert.equal(found?.seconds, 32.5);
    assert.equal(found?.waitShare, 0.01);
    assert.equal(found?.teacher, "t1");
  });
});

Deno.test("RunStore forgets a run's results when it is done again", () => {
  withStore((store) => {
    store.start(run);
    store.finish("a1", { ap: 0.4 }, { seconds: 20, waitShare: 0.01 });
    store.start(run);
    const { status, metrics, seconds, waitShare } = store.get("a1")!;
    assert.deepEqual([status, metrics, seconds, waitShare], [
      "running",
      null,
      0,
      null,
    ]);
    assert.equal(store.finished("a1"), undefined);
  });
});

Deno.test("RunStore keeps each epoch's place when the ones before are not known", () => {
  withStore((store) => {
    store.start(run);
    store.addEpoch("a1", 2, { ld: 1 });
    assert.deepEqual(store.get("a1")?.epochs, [null, null, { ld: 1 }]);
  });
});

Deno.test("RunStore says which file it cannot use and what to do", () => {
  withStore((store, folder) => {
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "");
    assert.throws(
      () => new RunStore(file),
      /Cannot store runs in .*\/file: .*must be a folder .*move away/,
    );
    const garbage = join(folder, "garbage");
    Deno.mkdirSync(garbage);
    Deno.writeTextFileSync(join(garbage, "runs.sqlite"), "x".repeat(5000));
    assert.throws(
      () => new RunStore(garbage),
      /garbage\/runs\.sqlite: .*not a database.*move it away/,
    );
    assert.equal(store.finished("a1"), undefined, "the good one goes on");
  });
});

Deno.test("RunStore keeps a diverged run, until it is done again", () => {
  withStore((store) => {
    store.start(run);
    const divergence = {
      iteration: 7,
      term: "ld",
      value: "NaN",
      learningRate: 0.004,
      images: ["a", "b"],
    };
    store.diverge("a1", divergence, 12);
    assert.equal(store.finished("a1"), undefined);
    const found = store.ended("a1")!;
    assert.deepEqual(found.divergence, { ...divergence, run: "a1" });
    assert.deepEqual([found.status, found.metrics, found.seconds], [
      "diverged",
      null,
      12,
    ]);
    store.start(run);
    assert.equal(store.ended("a1"), undefined);
    assert.equal(store.get("a1")?.divergence, null);
  });
});

Deno.test("RunStore keeps evaluations in order of their epochs, one each", () => {
  withStore((store) => {
    store.start(run);
    store.addEvaluation("a1", 4, { ap: 0.3 });
    store.addEvaluation("a1", 2, { ap: 0.1 });
    store.addEvaluation("a1", 2, { ap: 0.2 }); // done again after a resume
    assert.deepEqual(store.get("a1")?.evaluations, [
      { epoch: 2, metrics: { ap: 0.2 } },
      { epoch: 4, metrics: { ap: 0.3 } },
    ]);
  });
});

Deno.test("RunStore forgets a removed run and its files", () => {
  withStore((store) => {
    store.start(run);
    Deno.mkdirSync(store.runFolder("a1"), { recursive: true });
    store.remove("a1");
    assert.equal(store.get("a1"), undefined);
    assert.throws(() => Deno.statSync(store.runFolder("a1")));
  });
});

Deno.test("RunStore does not trust a run when its numerics are older", () => {
  withStore((store, folder) => {
    store.start(run);
    store.finish("a1", { ap: 0.4 }, { seconds: 20, waitShare: 0.01 });
    const checkpoint = join(store.runFolder("a1"), "checkpoint");
    Deno.mkdirSync(store.runFolder("a1"), { recursive: true });
    Deno.writeTextFileSync(checkpoint, "old");
    const db = new DatabaseSync(join(folder, "runs.sqlite"));
    db.exec("UPDATE runs SET numerics = 0");
    db.close();
    assert.equal(store.finished("a1"), undefined);
    store.start(run);
    assert.equal(store.get("a1")?.seconds, 0, "a stale run starts anew");
    assert.throws(() => Deno.statSync(checkpoint), Deno.errors.NotFound);
  });
});

Deno.test("RunStore keeps what was measured of a finished run once more, until the run or its teacher goes or is done again", () => {
  const way = "w1";
  const ends: ((store: RunStore) => void)[] = [
    (store) => store.remove("a1"),
    (store) => store.remove("t1"),
    (store) => store.start(run),
    (store) => store.start({ ...run, id: "t1" }),
  ];
  for (const end of ends) {
    withStore((store, folder) => {
      store.start({ ...run, id: "t1" });
      store.start(run);
      store.addMeasured("a1", way, { ap: 0.5 });
      assert.equal(store.measured("a1", way), undefined, "is not finished");
      for (const id of ["a1", "t1"]) {
        store.finish(id, { ap: 0.4 }, { seconds: 20 });
      }
      store.addMeasured("a1", way, { ap: 0.5 }, "t1");
      store.addMeasured("a1", way, { ap: 0.6 }, "t1"); // by another process
      assert.equal(store.measured("a1", "w2"), undefined);
      const again = new RunStore(folder);
      assert.deepEqual(again.measured("a1", way), { ap: 0.6 });
      assert.deepEqual(again.finished("a1")?.metrics, { ap: 0.4 });
      again.close();
      end(store);
      assert.equal(store.measured("a1", way), undefined);
    });
  }
});

Deno.test("RunStore forgets what was measured with older numerics", () => {
  withStore((store, folder) => {
    store.start(run);
    store.finish("a1", { ap: 0.4 }, { seconds: 20 });
    store.addMeasured("a1", "w1", { ap: 0.5 });
    const db = new DatabaseSync(join(folder, "runs.sqlite"));
    db.exec("UPDATE measured SET numerics = numerics - 1");
    db.close();
    assert.equal(store.measured("a1", "w1"), undefined);
    store.addMeasured("a1", "w1", { ap: 0.6 });
    assert.deepEqual(store.measured("a1", "w1"), { ap: 0.6 });
  });
});

Deno.test("RunStore keeps what a reader had to mend, and knows data that was never read", () => {
  withStore((store, folder) => {
    assert.equal(store.dataNotices("d1"), undefined);
    store.setDataNotices("d1", ["2 boxes were skipped"]);
    store.setDataNotices("d2", []);
    store.setDataNotices("d1", ["1 box was skipped"]);
    const again = new RunStore(folder);
    assert.deepEqual(again.dataNotices("d1"), ["1 box was skipped"]);
    assert.deepEqual(again.dataNotices("d2"), []);
    again.close();
  });
});
