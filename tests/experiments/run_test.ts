import assert from "node:assert/strict";
import { join } from "node:path";
import { openEngine } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { loadCheckpoint, saveCheckpoint } from "ldlab/train/checkpoint.ts";
import { readSafetensors } from "ldlab/train/safetensors.ts";
import type { Progress } from "ldlab/train/train.ts";
import { type RunConfig, runId } from "../../experiments/config.ts";
import { executeRun, type RunOptions } from "../../experiments/run.ts";
import { numericsVersion, RunStore } from "../../experiments/store.ts";
import { openDetector } from "../../experiments/weights.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { tiny, TINY_STEPS } from "./tiny_config.ts";

// One thread: the order of floating-point sums is fixed.
const engine = await openEngine({ threads: 1 });

interface Place {
  readonly store: RunStore;
  /** The folder of the run {@linkcode tiny}. */
  readonly runFolder: string;
  /** What was told by the last {@linkcode Place.execute}. */
  readonly notices: string[];
  readonly steps: Progress[];
  execute(
    config?: RunConfig,
    options?: Partial<RunOptions>,
  ): ReturnType<typeof executeRun>;
  /** Closes the store and opens it anew. */
  reopen(): Promise<void>;
}

async function inPlace(body: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  let store = new RunStore(folder);
  const notices: string[] = [];
  const steps: Progress[] = [];
  const before = engine.memory();
  try {
    await body({
      get store() {
        return store;
      },
      runFolder: store.runFolder(await runId(tiny, 0)),
      notices,
      steps,
      execute: (config = tiny, options) => {
        notices.length = steps.length = 0;
        return executeRun(config, 0, {
          store,
          label: "tiny",
          weights: true,
          onNotice: (message) => notices.push(message),
          onProgress: (progress) => steps.push(progress),
          ...options,
        });
      },
      reopen: async () => {
        store.close();
        for (const end of ["", "-wal", "-shm"]) {
          await Deno.remove(join(folder, `runs.sqlite${end}`)).catch(() => {});
        }
        store = new RunStore(folder);
      },
    });
    assert.deepEqual(engine.memory(), before);
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The safetensors files of a folder, by name. */
const filesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("executeRun() leaves weights and checkpoints, and takes a finished run from the store", () =>
  inPlace(async ({ execute, runFolder, notices, steps }) => {
    const first = await execute();
    assert.equal(first?.status, "finished");
    assert.ok(first.seconds > 0);
    assert.equal(first.epochs.length, tiny.epochs);
    assert.equal(steps.length, TINY_STEPS);
    assert.deepEqual(filesIn(runFolder), [
      "checkpoint-000000006.safetensors",
      "checkpoint-000000008.safetensors",
      "weights.safetensors",
    ]);
    assert.deepEqual(await execute(), first);
    assert.deepEqual([steps.length, notices.length], [0, 0]);
  }));

Deno.test("executeRun() warms up and cools down by its config", () =>
  inPlace(async ({ execute, steps }) => {
    await execute();
    // min(1, (it + 1) / 4) · ½ (1 + cos(π it / 8)) · 0.004
    const expected = Array.from(
      { length: TINY_STEPS },
      (_, it) =>
        Math.min(1, (it + 1) / 4) * (1 + Math.cos(Math.PI * it / 8)) / 2 *
        0.004,
    );
    steps.forEach(({ learningRate }, it) =>
      assert.ok(Math.abs(learningRate - expected[it]) < 1e-12, `step ${it}`)
    );
  }));

for (
  const [kind, state] of [["adamW", "mean."], ["sgd", "momentum."]] as const
) {
  Deno.test(`executeRun() trains with ${kind} when the config says so`, () =>
    inPlace(async ({ execute, store }) => {
      const optimizer = { ...tiny.optimizer, kind };
      const config = { ...tiny, optimizer };
      await execute(config);
      const folder = store.runFolder(await runId(config, 0));
      const { checkpoint } = (await loadCheckpoint(folder))!;
      const parts = new Set(
        [...checkpoint.tensors.keys()]
          .filter((name) => name.startsWith("optimizer."))
          .map((name) => /^optimizer\.(\w+\.?)/.exec(name)![1]),
      );
      assert.ok(parts.has(state), [...parts].join());
      assert.equal(parts.has("momentum."), kind === "sgd");
    }));
}

Deno.test("executeRun() hands clipping and weight decay on", () =>
  inPlace(async ({ execute, store }) => {
    const weights = async (config: RunConfig) => {
      await execute(config);
      const folder = store.runFolder(await runId(config, 0));
      const bytes = await Deno.readFile(`${folder}/weights.safetensors`);
      const { tensors } = readSafetensors(bytes);
      const size = (name: string) =>
        Math.hypot(...tensors.get(name)!.data as Float32Array);
      return {
        bias: size("bbox_head.gfl_cls.bias"),
        filter: size("neck.fpn_convs.0.conv.weight"),
      };
    };
    // SGD: AdamW does not see the gradient's scale.
    const optimizer = {
      kind: "sgd",
      learningRate: 1,
      weightDecay: 0,
    } as const;
    const plain = { ...tiny, optimizer, clipNorm: 1e-9 };
    const still = await weights(plain); // the gradient is clipped to nothing
    // GFL's head starts its class biases at −log(99) = −4.595.
    assert.ok(Math.abs(still.bias / Math.sqrt(3) - Math.log(99)) < 1e-5);
    const moved = await weights({ ...plain, clipNorm: 0.1 });
    assert.ok(Math.abs(moved.bias - still.bias) > 3e-4, `${moved.bias}`);
    const decayed = await weights({
      ...plain,
      optimizer: { ...optimizer, weightDecay: 0.01 },
    });
    // Each step takes its learning rate's share, and momentum more.
    assert.ok(decayed.filter < 0.97 * still.filter, `${decayed.filter}`);
  }));

const harm: Record<string, [(path: string) => Promise<void>, RegExp]> = {
  missing: [(path) => Deno.remove(path), /weights.*are missing/],
  "cut short": [
    (path) => Deno.truncate(path, 1000),
    /weights\.safetensors.*truncated or altered/,
  ],
  altered: [async (path) => {
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await Deno.writeFile(path, bytes);
  }, /weights\.safetensors.*truncated or altered/],
};
for (const [how, [damage, message]] of Object.entries(harm)) {
  Deno.test(`executeRun() says so and mends a finished run whose weights are ${how}`, () =>
    inPlace(async ({ execute, runFolder, notices, steps, store }) => {
      const first = await execute();
      const path = join(runFolder, "weights.safetensors");
      const whole = await Deno.readFile(path);
      await damage(path);
      const run = { config: tiny, seed: 0, store };
      await assert.rejects(openDetector(run), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /Run it again: that makes up for it/);
        return true;
      });
      // Who does not want the weights is not kept waiting.
      assert.deepEqual(await execute(tiny, { weights: false }), first);
      const second = await execute();
      assert.match(notices[0], message);
      assert.match(notices[0], /tiny, seed 0, is run again/);
      assert.equal(notices.length, 1);
      assert.equal(steps.length, 0, "the last checkpoint is enough");
      assert.deepEqual(second?.metrics, first?.metrics);
      const { checkpoint } = (await loadCheckpoint(runFolder))!;
      assert.ok(second!.seconds > checkpoint.seconds);
      const { tensors } = readSafetensors(whole);
      const mended = readSafetensors(await Deno.readFile(path)).tensors;
      assertSameTensors(mended, tensors);
      (await openDetector(run)).dispose();
    }));
}

Deno.test("executeRun() does not take another run's weights for its own", () =>
  inPlace(async ({ execute, runFolder, notices, store }) => {
    await execute();
    const other = { ...tiny, epochs: 2 };
    await execute(other);
    await Deno.copyFile(
      `${store.runFolder(await runId(other, 0))}/weights.safetensors`,
      `${runFolder}/weights.safetensors`,
    );
    await execute();
    assert.match(
      notices[0],
      /another run's are in their place: config\.run\.epochs is 4, was 2/,
    );
  }));

Deno.test("executeRun() runs anew and says so when a finished run's whole folder is gone", () =>
  inPlace(async ({ execute, runFolder, notices, steps }) => {
    const first = await execute();
    await Deno.remove(runFolder, { recursive: true });
    const second = await execute();
    assert.match(notices[0], /are missing.*is run again/);
    assert.equal(steps.length, TINY_STEPS);
    assert.deepEqual(second?.metrics, first?.metrics);
  }));

Deno.test("executeRun() keeps results and seconds when only the database is lost", () =>
  inPlace(async ({ execute, reopen, runFolder, steps }) => {
    const first = await execute();
    await reopen();
    const second = await execute();
    assert.equal(steps.length, 0);
    assert.deepEqual(second?.metrics, first?.metrics);
    // Training's seconds come with the checkpoint; evaluation is done again.
    const { checkpoint } = (await loadCheckpoint(runFolder))!;
    assert.ok(checkpoint.seconds > 0);
    assert.ok(second!.seconds > checkpoint.seconds);
  }));

Deno.test("executeRun() starts over and says so when checkpoints are of older numerics", () =>
  inPlace(async ({ execute, reopen, runFolder, notices, steps }) => {
    await execute();
    const { checkpoint } = (await loadCheckpoint(runFolder))!;
    const config = {
      ...(checkpoint.config as object),
      numerics: numericsVersion - 1,
    };
    await saveCheckpoint(runFolder, { ...checkpoint, config });
    await reopen();
    await execute();
    assert.equal(steps.length, TINY_STEPS);
    assert.match(notices[0], /of an older version.*starts over/);
  }));

Deno.test("executeRun() starts over and says so when no checkpoint is whole", () =>
  inPlace(async ({ execute, runFolder, notices, steps }) => {
    const stop = new AbortController();
    const stopped = await execute(tiny, {
      signal: stop.signal,
      onProgress: ({ iteration }) => iteration === 3 && stop.abort(),
    });
    assert.equal(stopped, null);
    await Deno.truncate(`${runFolder}/checkpoint-000000003.safetensors`, 99);
    await execute();
    assert.equal(steps.length, TINY_STEPS);
    assert.match(
      notices[0],
      /truncated or altered.*start this run over\. This/,
    );
  }));

Deno.test("executeRun() tells of a damaged checkpoint before it trains", () =>
  inPlace(async ({ execute, runFolder, notices, steps }) => {
    const stop = new AbortController();
    await execute(tiny, {
      signal: stop.signal,
      onProgress: ({ iteration }) => iteration === 7 && stop.abort(),
    });
    await Deno.truncate(`${runFolder}/checkpoint-000000007.safetensors`, 99);
    await execute(tiny, {
      onProgress: (progress) => {
        assert.equal(notices.length, 1);
        steps.push(progress);
      },
    });
    assert.match(notices[0], /the one before it, of iteration 6, is used/);
    assert.equal(steps.length, 2);
  }));

Deno.test("executeRun() tells what begins, before it begins", () =>
  inPlace(async ({ execute, steps }) => {
    const told: string[] = [];
    const run = await execute(tiny, {
      onActivity: (activity) => void told.push(`${activity}, ${steps.length}`),
    });
    assert.deepEqual(told, [
      "starting, 0",
      "recording the step 'train', 0",
      `evaluating, ${TINY_STEPS}`,
      `recording the step 'predict', ${TINY_STEPS}`,
    ]);
    assert.ok(run!.waitShare! >= 0 && run!.waitShare! < 1, `${run!.waitShare}`);
  }));

Deno.test("executeRun() loses ten minutes at most, however long its epochs are", () =>
  inPlace(async ({ execute, runFolder, steps }) => {
    const now = performance.now.bind(performance);
    let passed = 0;
    performance.now = () => now() + passed;
    const before: string[][] = [];
    try {
      await execute(tiny, {
        onProgress: (progress) => {
          steps.push(progress);
          const { iteration } = progress;
          if (iteration > 2 && iteration < 6) before.push(filesIn(runFolder));
          if (iteration % 2 === 0) passed += 600_000;
        },
      });
    } finally {
      performance.now = now;
    }
    const [second, fourth] = [2, 4].map((step) =>
      `checkpoint-00000000${step}.safetensors`
    );
    assert.deepEqual(before, [[second], [second], [second, fourth]]);
  }));

Deno.test("executeRun() stops while it evaluates, and goes on from there", () =>
  inPlace(async ({ execute, steps }) => {
    const stop = new AbortController();
    const stopped = await execute(tiny, {
      signal: stop.signal,
      onActivity: (activity) => {
        if (activity === "evaluating") stop.abort();
      },
    });
    assert.equal(stopped, null);
    assert.equal(steps.length, TINY_STEPS);
    assert.equal((await execute())?.status, "finished");
    assert.equal(steps.length, 0);
  }));

Deno.test("executeRun() loses no training when the weights cannot be written", () =>
  inPlace(async ({ execute, runFolder, steps }) => {
    const inTheWay = join(runFolder, "weights.safetensors", "folder");
    await Deno.mkdir(inTheWay, { recursive: true });
    await assert.rejects(
      execute(),
      /Cannot write weights .*weights\.safetensors: .*run again: the training is/,
    );
    await Deno.remove(join(runFolder, "weights.safetensors"), {
      recursive: true,
    });
    assert.equal((await execute())?.status, "finished");
    assert.equal(steps.length, 0);
  }));

Deno.test("executeRun() trains in the config's precision, or tells why not", async () => {
  const session = currentSession()!;
  const known = session.missingForBfloat16;
  session.missingForBfloat16 = "the test says so";
  try {
    await inPlace(async ({ execute, notices }) => {
      await execute({ ...tiny, precision: "bfloat16" });
      assert.deepEqual(notices, [
        "Computing in float32 in place of bfloat16: the test says so",
      ]);
    });
  } finally {
    session.missingForBfloat16 = known;
  }
});
