import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import { executeRun } from "../../experiments/run.ts";
import { RunStore } from "../../experiments/store.ts";
import { openTeachers } from "../../experiments/teachers.ts";
import { tiny } from "./tiny_config.ts";

const engine = await openEngine();
const kept = { features: false, keeps: true };

Deno.test("openTeachers() opens each once, and frees them with what they keep", async () => {
  const before = engine.memory();
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  for (const seed of [0, 1]) {
    await executeRun(tiny, seed, { store, label: "teacher", weights: true });
  }
  const teachers = openTeachers(store);
  const first = await teachers.outputs({ config: tiny, seed: 0 }, kept);
  assert.equal(
    await teachers.outputs({ config: { ...tiny }, seed: 0 }, kept),
    first,
  );
  const second = await teachers.outputs({ config: tiny, seed: 1 }, kept);
  const images = new Float32Array(64 * 64 * 3).fill(0.5);
  const said: Float32Array[] = [];
  for (const outputs of [first, second]) {
    const logits = await outputs.of({
      images,
      size: { width: 64, height: 64 },
      keys: ["image|none"],
    });
    said.push(await logits.boxLogits.data<"float32">());
    tf.dispose([logits.boxLogits, logits.classLogits]);
  }
  assert.notDeepEqual(said[0], said[1]);
  // Who needs features gets them, whoever came first.
  const full = await teachers.outputs({ config: tiny, seed: 0 }, {
    ...kept,
    features: true,
  });
  const logits = await full.of({
    images,
    size: { width: 64, height: 64 },
    keys: ["image|none"],
  });
  assert.equal(logits.features?.length, 5);
  tf.dispose([logits.boxLogits, logits.classLogits, ...logits.features!]);
  // A live one keeps nothing, and is opened beside the others.
  const live = await teachers.outputs({ config: tiny, seed: 0 }, {
    ...kept,
    keeps: false,
  });
  const anew = await live.of({
    images,
    size: { width: 64, height: 64 },
    keys: ["image|none"],
  });
  const boxLogits = await anew.boxLogits.data<"float32">();
  tf.dispose([anew.boxLogits, anew.classLogits]);
  assert.deepEqual(boxLogits, said[0]);
  assert.equal(live.bytes, 0);
  assert.ok(first.bytes > 0 && second.bytes > 0);
  await teachers[Symbol.asyncDispose]();
  assert.deepEqual([first.bytes, second.bytes], [0, 0]);
  assert.deepEqual(engine.memory(), before);
  store.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openTeachers() passes on why a teacher cannot be opened, and is disposed all the same", async () => {
  const folder = await Deno.makeTempDir();
  const store = new RunStore(folder);
  const use = async () => {
    await using teachers = openTeachers(store);
    await teachers.outputs({ config: tiny, seed: 0 }, kept);
  };
  await assert.rejects(use(), {
    name: "Error",
    message: /The weights .* are missing\. Run it again: that makes up for it/,
  });
  store.close();
  await Deno.remove(folder, { recursive: true });
});
