import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { FGD } from "ldlab/distill/presets.ts";
import type { TermInputs } from "ldlab/distill/term_inputs.ts";
import "../everywhere.ts"; // registers the backends
import { assertClose } from "../golden.ts";
import { gflAndInputs } from "./named_inputs.ts";
import { anchors, located, networks, tensorsOf } from "./small_batch.ts";

const fgd = {
  ...FGD.gfl.fgd,
  region: { kind: "main" },
  backgroundRegion: { kind: "vlr" },
} as const;

Deno.test("distillLoss() of FGD: the weight multiplies all parts; it and the temperature may be tensors", async () => {
  await tf.setBackend("cpu");
  const given = tensorsOf({ ...networks, ...located });
  const modules = createDistillModules({ fgd }, {
    ...{ studentChannels: 4, teacherChannels: 4, levels: 2, seed: 1 },
  });
  const { inputs } = gflAndInputs(given, anchors, modules);
  const at = async (
    change: object,
    given: Pick<TermInputs, "temperatures" | "weights"> = {},
  ) => {
    const terms = { fgd: { ...fgd, ...change } };
    const { losses } = distillLoss({ ...inputs, ...given }, terms);
    return (await losses.fgd.data())[0];
  };
  const usual = await at({});
  assertClose([await at({ weight: 3 })], [3 * usual], { relative: 1e-6 });
  const softer = await at({ temperature: 5 });
  assert.ok(Math.abs(softer - usual) > 1e-3 * usual);
  const moved = await at({}, { temperatures: { fgd: tf.scalar(5) } });
  assertClose([moved], [softer], { relative: 1e-6 });
  const heavier = await at({}, { weights: { fgd: tf.scalar(3) } });
  assertClose([heavier], [3 * usual], { relative: 1e-6 });
  modules.dispose();
});
