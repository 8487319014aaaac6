import assert from "node:assert/strict";
import {
  checkSettings,
  initialSettings,
  panelControls,
} from "../../../experiments/panel/settings.ts";

const controls = panelControls({ learningRate: 4e-3, images: 8, levels: 5 });

Deno.test("panelControls() stands at the weights and temperatures of the released code", () => {
  assert.deepEqual(initialSettings(controls), {
    temperature: 10,
    ldWeight: 0.25,
    vlrWeight: 0.25,
    gamma: 0.25,
    kdWeight: 10,
    learningRate: 4e-3,
    image: 1,
    level: 3,
  });
});

Deno.test("panelControls() reaches a learning rate beyond the usual ones", () => {
  const { lowest, highest } = panelControls({
    learningRate: 0.5,
    images: 1,
    levels: 5,
  }).find(({ name }) => name === "learningRate")!;
  assert.deepEqual([lowest, highest], [1e-5, 0.5]);
});

Deno.test("checkSettings() takes both ends of each range, and nothing beyond", () => {
  for (const { name, lowest, highest, whole } of controls) {
    for (const value of [lowest, highest]) {
      assert.deepEqual(checkSettings({ [name]: value }, controls), {
        [name]: value,
      });
    }
    const kind = whole ? "a whole number" : "a number";
    for (const value of [lowest - 1, highest + 1, NaN, Infinity]) {
      assert.throws(() => checkSettings({ [name]: value }, controls), {
        name: "RangeError",
        message:
          `Cannot change the settings: ${name} must be ${kind} from ${lowest} ` +
          `to ${highest}: current value is ${value}`,
      });
    }
  }
  assert.throws(() => checkSettings({ image: 1.5 }, controls), RangeError);
});

Deno.test("checkSettings() refuses what is no number, no setting or no object", () => {
  assert.throws(() => checkSettings({ gamma: "0.5" }, controls), {
    name: "TypeError",
    message:
      'Cannot change the settings: gamma must be a number from 0 to 1: current value is "0.5"',
  });
  assert.throws(() => checkSettings({ temprature: 5 }, controls), {
    name: "RangeError",
    message:
      "Cannot change the settings: there is no 'temprature': did you mean 'temperature'?",
  });
  assert.throws(
    () => checkSettings({ zzz: 5 }, controls),
    /there is no 'zzz': use temperature, ldWeight, /,
  );
  for (const bad of [null, [1], "gamma", 3]) {
    assert.throws(() => checkSettings(bad, controls), TypeError);
  }
});
