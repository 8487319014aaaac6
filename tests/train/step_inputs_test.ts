import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { PRESETS } from "ldlab/distill/presets.ts";
import { regionKey } from "ldlab/regions/region.ts";
import {
  addDistillInputs,
  findDistillInputs,
} from "ldlab/train/step_inputs.ts";

const { terms } = PRESETS.cvpr2022;
const key = regionKey({ kind: "vlr" });

/** What a step is given, and finds. */
async function passed(temperatures: Record<string, number>) {
  await tf.setBackend("cpu");
  const outputs = {
    classLogits: tf.zeros<tf.Rank.R3>([1, 2, 3]),
    boxLogits: tf.zeros<tf.Rank.R4>([1, 2, 4, 5]),
    features: [7, 8].map((value) => tf.fill<tf.Rank.R4>([1, 1, 1, 1], value)),
  };
  const batch = { regions: { [key]: new Float32Array([0, 0.5]) } };
  const inputs: tf.NamedTensorMap = {};
  addDistillInputs(inputs, {
    outputs,
    batch,
    regions: [key],
    terms,
    temperatures,
  });
  return { inputs, found: findDistillInputs(inputs)! };
}

Deno.test("addDistillInputs() gives each term its temperature, terms of one loss and temperature the same", async () => {
  for (
    const [given, different] of [
      [{ ld: 10, vlrLd: 3, kd: 2 }, 3],
      [{ ld: 10, vlrLd: 10, kd: 10 }, 2], // LD and KD share nothing
    ] as const
  ) {
    const { inputs, found } = await passed(given);
    for (const [name, value] of Object.entries(given)) {
      assert.deepEqual([...await found.temperatures![name].data()], [value]);
    }
    assert.equal(new Set(Object.values(found.temperatures!)).size, different);
    tf.dispose(inputs);
  }
});

Deno.test("findDistillInputs() finds regions by key and features in the order of levels", async () => {
  const { inputs, found } = await passed({});
  const { teacher, regions } = found;
  const maps = await Promise.all(teacher.features!.map((map) => map.data()));
  assert.deepEqual(maps.map(([value]) => value), [7, 8]);
  assert.deepEqual(await regions![key].array(), [[0, 0.5]]);
  assert.equal(findDistillInputs({}), undefined);
  tf.dispose(inputs);
});
