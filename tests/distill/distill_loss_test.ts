import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { createDistillModules } from "ldlab/distill/distill_modules.ts";
import { FGD, IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import type { TermInputs } from "ldlab/distill/term_inputs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { compile } from "ldlab/engine/compile.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { gflAndInputs } from "./named_inputs.ts";
import {
  anchors,
  empty,
  labels,
  located,
  networks,
  STUDENT,
  TEACHER,
  tensorsOf,
  VLR,
} from "./small_batch.ts";

type Tensors = Record<string, tf.Tensor>;

const { cvpr2022 } = PRESETS;
const vlr = { kind: "vlr" } as const;
/** Every loss, LD and KD on two regions. */
const all = {
  ...cvpr2022.terms,
  vlrKd: { ...cvpr2022.terms.kd, region: vlr },
  tbr: { ...TBR.tbr, epsilon: 50 }, // the gate is open
  ...IMITATION.mainRegion,
  vlrImitation: { loss: "imitation", region: vlr, weight: 2 },
  fgd: { ...FGD.gfl.fgd, region: { kind: "main" }, backgroundRegion: vlr },
} as const satisfies DistillTerms;
const { fgd: _, ...withoutFgd } = all;

/** The losses of terms in their order, and the inputs' change. */
function lossesOf(
  given: Tensors,
  terms: DistillTerms,
  change: Partial<TermInputs> = {},
): tf.Tensor {
  const { inputs } = gflAndInputs(given, anchors);
  const { losses } = distillLoss({ ...inputs, ...change }, terms);
  return tf.stack(Object.values(losses));
}

Deno.test("distillLoss() is 0 without gradient where no image has a box", async () => {
  const f = (given: Tensors) => lossesOf(given, withoutFgd);
  const inputs = { ...networks, ...empty };
  for (const [place, found] of await everywhere(f, inputs, STUDENT)) {
    assert.deepEqual([...found.value], Array(7).fill(0), place);
    for (const input of STUDENT) {
      assert.ok(found.gradients[input].every((g) => g === 0), place);
    }
  }
});

Deno.test("distillLoss() of a network with itself is 0 without gradient", async () => {
  const own = Object.fromEntries(
    TEACHER.map((name, i) => [name, networks[STUDENT[i]]]),
  );
  // TBR draws to the truth, not to the teacher.
  const { tbr: _, ...terms } = withoutFgd;
  const f = (given: Tensors) => lossesOf(given, terms);
  const inputs = { ...networks, ...own, ...located };
  for (const [place, found] of await everywhere(f, inputs, STUDENT)) {
    assert.deepEqual([...found.value], Array(6).fill(0), place);
    for (const input of STUDENT) {
      assert.ok(found.gradients[input].every((g) => g === 0), place);
    }
  }
});

Deno.test("distillLoss() gives the teacher no gradient, and the student one of each loss", async () => {
  const modules = createDistillModules(all, {
    ...{ studentChannels: 4, teacherChannels: 4, levels: 2, seed: 1 },
  });
  await tf.setBackend("cpu");
  const given = tensorsOf({ ...networks, ...located });
  for (const [name, term] of Object.entries(all)) {
    const names = [...STUDENT, ...TEACHER];
    const slopes = tf.grads((...xs: tf.Tensor[]) => {
      const traced = Object.fromEntries(names.map((key, i) => [key, xs[i]]));
      const loss = lossesOf({ ...given, ...traced }, { [name]: term }, {
        modules,
      });
      // tfjs refuses to differentiate by what the loss does not see at all.
      const seen = xs.map((x) => tf.mul(tf.sum(x), 0));
      return tf.addN([tf.sum(loss), ...seen]);
    });
    const gradients = slopes(names.map((key) => given[key]));
    const largest = await Promise.all(
      gradients.map(async (g) => (await tf.max(tf.abs(g)).data())[0]),
    );
    for (const [i, key] of names.entries()) {
      if (TEACHER.includes(key)) assert.equal(largest[i], 0, `${name}: ${key}`);
    }
    assert.ok(Math.max(...largest) > 0, name);
  }
  modules.dispose();
});

Deno.test("distillLoss() takes the mean of a class term over each level, then the sum of levels", async () => {
  // Teacher logits 0 and student logits (log 9, 0, 0) give every location the
  // same loss, so that the sum counts levels: two have a positive, one of them
  // three, and only one has a location of the VLR.
  const same = Array.from({ length: 10 }, () => [Math.log(9), 0, 0]).flat();
  const inputs: Record<string, HostValues> = {
    ...networks,
    ...located,
    classLogits: { shape: [2, 5, 3], data: same },
    teacherClassLogits: { shape: [2, 5, 3], data: Array(30).fill(0) },
    [VLR]: { shape: [2, 5], data: [0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0] },
  };
  // τ = 2: p uniform, q = (3, 1, 1) / 5; 2² / 3 · Σ p log(p / q), times 10.
  const each = 10 * 4 / 3 * (Math.log(5 / 9) + 2 * Math.log(5 / 3)) / 3;
  const terms = { kd: all.kd, vlrKd: all.vlrKd };
  const f = (given: Tensors) => lossesOf(given, terms);
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, [2 * each, each], { relative: 1e-5 }, place);
  }
});

Deno.test("distillLoss() takes temperatures as tensors too, which a compiled step may move", async () => {
  await tf.setBackend("tensorflow");
  const given = tensorsOf({ ...networks, ...located });
  const at = (tau: tf.Scalar | number) => {
    const { ld, kd } = all;
    const terms = typeof tau === "number"
      ? { ld: { ...ld, temperature: tau }, kd: { ...kd, temperature: tau } }
      : { ld, kd };
    const temperatures = typeof tau === "number"
      ? undefined
      : { ld: tau, kd: tau };
    return { losses: lossesOf(given, terms, { temperatures }) };
  };
  const step = compile((given: { tau: tf.Scalar }) => at(given.tau));
  const found: number[] = [];
  for (const temperature of [1, 10]) {
    const { losses } = await step({ tau: tf.scalar(temperature) });
    const expected = await at(temperature).losses.data();
    assertClose(await losses.data(), expected, { relative: 1e-5 });
    found.push(expected[0]);
  }
  assert.equal(step.statistics.recordings, 1);
  assert.ok(Math.abs(found[0] - found[1]) > 1e-3);
  step.dispose();
});

Deno.test("distillLoss() does not compute a term of weight 0, and shares losses of equal options", async () => {
  await tf.setBackend("tensorflow");
  const given = tensorsOf({ ...networks, ...located });
  const nodes = async (terms: DistillTerms) => {
    const step = compile(() => ({ losses: lossesOf(given, terms) }));
    (await step({})).losses.dispose();
    const { nodes } = step.statistics;
    step.dispose();
    return nodes;
  };
  const { ld, vlrLd, kd } = all;
  const one = await nodes({ ld });
  assert.equal(await nodes({ ld, kd: { ...kd, weight: 0 } }), one);
  const both = await nodes({ ld, vlrLd });
  const apart = await nodes({ ld, vlrLd: { ...vlrLd, temperature: 9 } });
  // A divergence is some twenty nodes.
  assert.ok(both - one < 12, `${both - one} nodes for a second region`);
  assert.ok(apart - both > 12, `${apart - both} nodes for another temperature`);
});

Deno.test("distillLoss() counts its regions, by kind or, where there are several of a kind, by key", async () => {
  await tf.setBackend("cpu");
  const given = tensorsOf({ ...networks, ...located });
  const { inputs } = gflAndInputs(given, anchors);
  const sizes = async (terms: DistillTerms, regions = inputs.regions) => {
    const found = distillLoss({ ...inputs, regions }, terms).regions;
    const read = Object.entries(found).map(async ([name, size]) =>
      [name, (await size.data())[0]] as const
    );
    return Object.fromEntries(await Promise.all(read));
  };
  assert.deepEqual(await sizes(cvpr2022.terms), { main: 4, vlr: 4 });
  assert.deepEqual(await sizes(IMITATION.fitNets), { main: 4, all: 10 });
  const wide = { kind: "vlr", gamma: 0 } as const;
  const [usual] = Object.keys(inputs.regions!);
  const wider = usual.replace("gamma=0.25", "gamma=0");
  assert.deepEqual(
    await sizes({
      ...cvpr2022.terms,
      wide: { ...all.vlrLd, region: wide },
    }, { [usual]: inputs.regions![usual], [wider]: tf.ones([2, 5]) }),
    { main: 4, [usual]: 4, [wider]: 10 },
  );
});

Deno.test("distillLoss() of TBR looks at positives of its region only, for others have no box", async () => {
  const { tbr } = all;
  const f = (given: Tensors) => {
    const positive = tf.less(given.labels, 3);
    const boxTargets = tf.where(
      tf.tile(tf.expandDims(positive, -1), [1, 1, 4]),
      given.boxTargets,
      0,
    );
    const counted = { ...tbr, normalizedBy: "count" } as const;
    const level = { ...tbr, normalizedBy: "levelCount" } as const;
    const here: DistillTerms = { tbr, counted, level };
    const everywhere = Object.fromEntries(
      Object.entries(here).map(([name, term]) => [
        name,
        { ...term, region: { kind: "all" } },
      ]),
    ) as DistillTerms;
    return tf.stack([
      lossesOf({ ...given, boxTargets }, everywhere),
      lossesOf(given, here),
    ]);
  };
  const inputs = { ...networks, ...located };
  assert.equal(labels.filter((label) => label < 3).length, 4);
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assert.ok(value[0] > 0);
    assertClose(value.slice(0, 3), value.slice(3), { relative: 1e-6 }, place);
  }
});

Deno.test("distillLoss() is finite, gradients included, at logits of ±1e4, boxes of no size and any τ", async () => {
  const large = (name: string) => ({
    ...networks[name],
    data: Array.from(networks[name].data, (x) => 5e3 * x),
  });
  const logits = ["classLogits", "boxLogits"].flatMap((name) => [
    name,
    `teacher${name[0].toUpperCase()}${name.slice(1)}`,
  ]);
  const inputs = {
    ...networks,
    ...located,
    ...Object.fromEntries(logits.map((name) => [name, large(name)])),
    boxTargets: { shape: [2, 5, 4], data: Array(40).fill(3) },
  };
  for (const temperature of [0.1, 1, 100]) {
    const terms = Object.fromEntries(
      Object.entries(withoutFgd).map(([name, term]) => [
        name,
        "temperature" in term ? { ...term, temperature } : term,
      ]),
    ) as DistillTerms;
    const f = (given: Tensors) => lossesOf(given, terms);
    for (const [place, found] of await everywhere(f, inputs, STUDENT)) {
      assert.ok(found.value.every((x) => Number.isFinite(x) && x > 0), place);
      for (const input of STUDENT) {
        const gradient = found.gradients[input];
        assert.ok(gradient.every(Number.isFinite), `${place}: ${input}`);
      }
    }
  }
});
