import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { FGD, IMITATION, PRESETS } from "ldlab/distill/presets.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { assertClose } from "../golden.ts";
import { gflAndInputs } from "./named_inputs.ts";
import { anchors, located, networks, tensorsOf } from "./small_batch.ts";

await openEngine();
const { imitation } = IMITATION.mainRegion;
const widths = { studentChannels: 4, teacherChannels: 4, levels: 2 };

Deno.test("createDistillModules() makes nothing for terms without layers", () => {
  const terms = { ...PRESETS.cvpr2022.terms, ...IMITATION.gi };
  const modules = createDistillModules(terms, { ...widths, seed: 1 });
  assert.equal(modules.parameters.size, 0);
  assert.deepEqual(modules.layers, {});
});

Deno.test("createDistillModules() names parameters by term and level, and terms of one kernel share theirs", () => {
  const terms = {
    fg: { ...imitation, adaptation: "1x1" },
    bg: { ...imitation, adaptation: "1x1" },
    wide: { ...imitation, adaptation: "3x3" },
  } as const;
  const modules = createDistillModules(terms, { ...widths, seed: 1 });
  const shapes = [...modules.parameters].map(([name, { shape }]) =>
    `${name} ${shape}`
  );
  assert.deepEqual(shapes, [
    "distill.fg.0.adapt.weight 1,1,4,4",
    "distill.fg.0.adapt.bias 4",
    "distill.fg.1.adapt.weight 1,1,4,4",
    "distill.fg.1.adapt.bias 4",
    "distill.wide.0.adapt.weight 3,3,4,4",
    "distill.wide.0.adapt.bias 4",
    "distill.wide.1.adapt.weight 3,3,4,4",
    "distill.wide.1.adapt.bias 4",
  ]);
  assert.equal(modules.layers.fg.adaptation, modules.layers.bg.adaptation);
  modules.dispose();
});

Deno.test("createDistillModules() aligns FGD's features only where the widths differ", () => {
  const namesOf = (studentChannels: number) => {
    const modules = createDistillModules(FGD.gfl, {
      ...widths,
      studentChannels,
      seed: 1,
    });
    const names = [...modules.parameters.keys()];
    modules.dispose();
    return names;
  };
  const same = namesOf(4);
  assert.ok(same.includes("distill.fgd.1.conv_mask_s.weight"));
  assert.ok(same.includes("distill.fgd.1.channel_add_conv_t.3.bias"));
  const added = namesOf(2).filter((name) => !same.includes(name));
  assert.deepEqual(
    added,
    [0, 1].flatMap((level) => [
      `distill.fgd.${level}.align.weight`,
      `distill.fgd.${level}.align.bias`,
    ]),
  );
});

Deno.test("createDistillModules() starts from the seed alone", async () => {
  const first = async (seed: number) => {
    const modules = createDistillModules(
      { hint: { ...imitation, adaptation: "1x1" } },
      { ...widths, seed },
    );
    const [weight] = modules.parameters.values();
    const values = [...await weight.data()];
    modules.dispose();
    return values;
  };
  assert.deepEqual(await first(1), await first(1));
  assert.notDeepEqual(await first(1), await first(2));
});

Deno.test("distillLoss() compares the adapted student, whose width may differ", async () => {
  // A student of 2 channels and a layer that copies them twice: the same loss as
  // of the copies without a layer.
  const terms: DistillTerms = { hint: { ...imitation, adaptation: "1x1" } };
  const modules = createDistillModules(terms, {
    ...widths,
    studentChannels: 2,
    seed: 1,
  });
  for (const [name, variable] of modules.parameters) {
    const copies = tf.tensor([1, 0, 1, 0, 0, 1, 0, 1], [1, 1, 2, 4]);
    variable.assign(name.endsWith("bias") ? tf.zeros([4]) : copies);
  }
  const narrow = (x: tf.Tensor) =>
    tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, 2]) as tf.Tensor4D;
  const f = (given: Record<string, tf.Tensor>) => {
    const { inputs } = gflAndInputs(given, anchors, modules);
    const { student } = inputs;
    const maps = student.features!.map(narrow);
    const adapted = distillLoss({
      ...inputs,
      student: { ...student, features: maps },
    }, terms);
    const copied = distillLoss({
      ...inputs,
      student: {
        ...student,
        features: maps.map((map) => tf.concat([map, map], -1)),
      },
      modules: undefined,
    }, { hint: imitation });
    return tf.stack([adapted.losses.hint, copied.losses.hint]);
  };
  const given = tensorsOf({ ...networks, ...located });
  const [adapted, copied] = await f(given).data();
  assert.ok(copied > 0);
  assertClose([adapted], [copied], { relative: 1e-5 });
  modules.dispose();
});
