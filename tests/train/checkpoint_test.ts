import assert from "node:assert/strict";
import { join } from "node:path";
import { loadCheckpoint, saveCheckpoint } from "ldlab/train/checkpoint.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from "ldlab/train/checkpoint_file.ts";

function checkpointAt(iteration: number, size = 5): Checkpoint {
  const data = new Float32Array(size).fill(iteration);
  return {
    tensors: new Map([
      ["weight", { shape: [size], dtype: "float32", data }],
      ["count", { shape: [], dtype: "int32", data: new Int32Array([3]) }],
    ]),
    position: { iteration, epoch: 1, index: 2 },
    seeds: { data: 1, weights: 2 },
    seconds: 1.5 * iteration,
    config: { rate: 0.004, schedule: ["cosine", 216] },
  };
}

async function inFolder(body: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("loadCheckpoint() gives back the newest, bit by bit, and two are kept", () =>
  inFolder(async (folder) => {
    const special = checkpointAt(30);
    const values = [NaN, -0, Infinity, 1e-45, 0.1];
    special.tensors.get("weight")!.data.set(values);
    await saveCheckpoint(folder, checkpointAt(9));
    await saveCheckpoint(folder, checkpointAt(10));
    await saveCheckpoint(folder, special);
    const loaded = await loadCheckpoint(folder);
    assert.deepEqual(loaded?.checkpoint, special);
    assert.deepEqual(loaded?.notices, []);
    assert.deepEqual(namesIn(folder), [
      "checkpoint-000000010.safetensors",
      "checkpoint-000000030.safetensors",
    ]);
  }));

Deno.test("loadCheckpoint() finds nothing in a folder that is empty or missing", () =>
  inFolder(async (folder) => {
    assert.equal(await loadCheckpoint(folder), undefined);
    assert.equal(await loadCheckpoint(join(folder, "none")), undefined);
  }));

const damages: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  "cut short": (bytes) => bytes.subarray(0, bytes.length - 7),
  "cut in its header": (bytes) => bytes.subarray(0, 60),
  "empty": () => new Uint8Array(),
  "longer than written": (bytes) => new Uint8Array([...bytes, 0]),
  "altered in a weight": (bytes) => flipped(bytes, bytes.length - 3),
  "altered in its configuration": (bytes) =>
    flipped(bytes, new TextDecoder().decode(bytes).indexOf("cosine")),
  "altered in its hash": (bytes) => flipped(bytes, 40),
  "altered in its header's length": (bytes) => flipped(bytes, 1),
};

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] ^= 1;
  return copy;
}

for (const [how, damage] of Object.entries(damages)) {
  Deno.test(`loadCheckpoint() takes the one before and says so when the newest is ${how}`, () =>
    inFolder(async (folder) => {
      await saveCheckpoint(folder, checkpointAt(10));
      const newest = await saveCheckpoint(folder, checkpointAt(20));
      await Deno.writeFile(newest, damage(await Deno.readFile(newest)));
      const loaded = await loadCheckpoint(folder);
      assert.deepEqual(loaded?.checkpoint, checkpointAt(10));
      assert.equal(loaded?.notices.length, 1);
      assert.match(loaded!.notices[0], /checkpoint-000000020/);
      assert.match(loaded!.notices[0], /one before it, of iteration 10/);
      assert.deepEqual((await loadCheckpoint(folder))?.notices, []);
      assert.deepEqual(namesIn(folder), [
        "checkpoint-000000010.safetensors",
        "checkpoint-000000020.safetensors.damaged",
      ]);
    }));
}

Deno.test("loadCheckpoint() fails when no checkpoint is whole, and removes none", () =>
  inFolder(async (folder) => {
    const only = await saveCheckpoint(folder, checkpointAt(10));
    await Deno.truncate(only, 100);
    await assert.rejects(
      loadCheckpoint(folder),
      /SyntaxError: .*truncated or altered.*remove the folder/,
    );
    assert.equal(namesIn(folder).length, 1);
  }));

Deno.test("saveCheckpoint() removes what an interrupted write left, and nothing else", () =>
  inFolder(async (folder) => {
    const part = join(folder, "checkpoint-000000020.safetensors.part");
    await saveCheckpoint(folder, checkpointAt(10));
    await Deno.writeTextFile(part, "half a checkp");
    await Deno.writeTextFile(join(folder, "notes.part"), "mine");
    assert.deepEqual((await loadCheckpoint(folder))?.notices, []);
    await saveCheckpoint(folder, checkpointAt(30));
    assert.deepEqual(namesIn(folder), [
      "checkpoint-000000010.safetensors",
      "checkpoint-000000030.safetensors",
      "notes.part",
    ]);
  }));

Deno.test("saveCheckpoint() says what to do when the folder cannot be written", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(
      saveCheckpoint(file, checkpointAt(1)),
      /Cannot write checkpoint .*file.*make the folder writable/,
    );
  }));

Deno.test("encodeCheckpoint() and decodeCheckpoint() let timers run while they hash", async () => {
  const data = new Float32Array(2 ** 23); // 32 MiB
  const tensors = new Map(
    Array.from({ length: 16 }, (_, i) => [`w${i}`, {
      shape: [2 ** 19],
      dtype: "float32" as const,
      data: data.subarray(i * 2 ** 19, (i + 1) * 2 ** 19),
    }]),
  );
  let ticks = 0;
  const timer = setInterval(() => ticks++, 0);
  const parts = await encodeCheckpoint({ ...checkpointAt(1), tensors });
  const whileWritten = ticks;
  const bytes = new Uint8Array(
    await new Blob(parts as BlobPart[]).arrayBuffer(),
  );
  ticks = 0;
  await decodeCheckpoint(bytes, "memory");
  clearInterval(timer);
  // Every 2 MiB, were a turn of the event loop always worth a tick.
  assert.ok(whileWritten >= 3, `${whileWritten} ticks`);
  assert.ok(ticks >= 3, `${ticks} ticks`);
});

Deno.test("loadCheckpoint() finds a whole checkpoint wherever a writer is killed", () =>
  inFolder(async (folder) => {
    const module = (path: string) =>
      JSON.stringify(new URL(path, import.meta.url).href);
    const writer = `
      import { saveCheckpoint } from ${module("../../lib/train/checkpoint.ts")};
      const data = new Float32Array(500_000);
      for (let iteration = 1;; iteration++) {
        data.fill(iteration);
        await saveCheckpoint(${JSON.stringify(folder)}, {
          tensors: new Map([["w", { shape: [data.length], dtype: "float32", data }]]),
          position: { iteration, epoch: 0, index: 0 }, seeds: {}, seconds: 0, config: {},
        });
        if (iteration === 2) console.log("two written");
      }`;
    const script = join(folder, "writer.ts");
    await Deno.writeTextFile(script, writer);
    for (let kill = 0; kill < 4; kill++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", script],
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 7 * kill));
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      const loaded = await loadCheckpoint(folder);
      assert.deepEqual(loaded?.notices, []);
      const { iteration } = loaded!.checkpoint.position;
      const { data } = loaded!.checkpoint.tensors.get("w")!;
      assert.ok(data.every((value) => value === iteration));
      await Deno.remove(folder, { recursive: true });
      await Deno.mkdir(folder);
      await Deno.writeTextFile(script, writer);
    }
  }));
