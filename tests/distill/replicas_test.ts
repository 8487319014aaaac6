import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { IMITATION, PRESETS, TBR } from "ldlab/distill/presets.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { gflAndInputs } from "./named_inputs.ts";
import { anchors, located, networks, STUDENT } from "./small_batch.ts";

const { fitNets, gi } = IMITATION;
const terms: DistillTerms = {
  ...PRESETS.cvpr2022.terms,
  ...TBR,
  maps: { ...fitNets.imitation, emptyLevels: "kept" },
  picks: { ...gi.imitation, emptyLevels: "kept" },
};
/** Sums over images: halved by two replicas of as many images in all. */
const SUMS = ["ld", "vlrLd"];

const inputs: Record<string, HostValues> = { ...networks, ...located };
const losses = (replicas: number) => (given: Record<string, tf.Tensor>) => {
  const { inputs } = gflAndInputs(given, anchors);
  const { losses, regions } = distillLoss(inputs, terms, { replicas });
  return tf.stack([...Object.values(losses), ...Object.values(regions)]);
};
const names = Object.keys(terms);

Deno.test("distillLoss() over two replicas of equal images halves sums and keeps means", async () => {
  // The first image twice: each part is that image alone.
  const twice = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => {
      const first = Array.from(data).slice(0, data.length / 2);
      return [name, { shape, data: [...first, ...first] }];
    }),
  );
  const whole = await everywhere(losses(1), twice, STUDENT);
  const parted = await everywhere(losses(2), twice, STUDENT);
  for (const [i, [place, { value, gradients }]] of parted.entries()) {
    const [, all] = whole[i];
    for (const [at, name] of names.entries()) {
      if (name === "picks") continue; // each replica has picks of its own
      const factor = SUMS.includes(name) ? 0.5 : 1;
      assertClose(
        [value[at]],
        [all.value[at] * factor],
        { relative: 1e-5 },
        `${name} on ${place}`,
      );
    }
    // How many locations there are is told of the whole batch.
    const sizes = (values: Float32Array) => [...values.slice(names.length)];
    const gi = sizes(value).length - 1;
    assertClose(sizes(value).slice(0, gi), sizes(all.value).slice(0, gi), {
      relative: 0,
      absolute: 0,
    });
    for (const gradient of Object.values(gradients)) {
      const half = gradient.length / 2;
      assertClose(gradient.slice(half), gradient.slice(0, half), {
        ofLargest: 1e-6,
      });
    }
  }
});

Deno.test("distillLoss() over replicas is the mean of the parts, each by itself, gradients included", async () => {
  const part = (at: number) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => {
        const size = data.length / 2;
        return [name, {
          shape: [1, ...shape.slice(1)],
          data: Array.from(data).slice(at * size, (at + 1) * size),
        }];
      }),
    );
  const found = await everywhere(losses(2), inputs, STUDENT);
  const first = await everywhere(losses(1), part(0), STUDENT);
  const second = await everywhere(losses(1), part(1), STUDENT);
  for (const [i, [place, { value, gradients }]] of found.entries()) {
    const parts = [first[i][1], second[i][1]];
    for (const [at, loss] of value.entries()) {
      const sum = parts[0].value[at] + parts[1].value[at];
      const expected = at < names.length ? sum / 2 : sum;
      assertClose([loss], [expected], { relative: 1e-5 }, `${at} on ${place}`);
    }
    for (const [name, gradient] of Object.entries(gradients)) {
      const expected = parts.flatMap((part) =>
        Array.from(part.gradients[name], (value) => value / 2)
      );
      assertClose(
        gradient,
        expected,
        { ofLargest: 1e-5 },
        `${name} on ${place}`,
      );
    }
  }
});

Deno.test("distillLoss() takes the region all from the labels' weights where no one gives it, over replicas too", async () => {
  const { maps } = terms;
  const weights = { shape: [2, 5], data: [1, 1, 0, 1, 0, 0, 1, 1, 0, 1] };
  const loss =
    (replicas: number, given: boolean) =>
    ({ weights, ...named }: Record<string, tf.Tensor>) => {
      const { inputs } = gflAndInputs(named, anchors);
      const labelWeights = weights as tf.Tensor2D;
      return distillLoss(
        given
          ? { ...inputs, regions: { ...inputs.regions, all: labelWeights } }
          : { ...inputs, targets: { ...inputs.targets, labelWeights } },
        { maps },
        { replicas },
      ).losses.maps;
    };
  for (const replicas of [1, 2]) {
    const expected = await everywhere(loss(replicas, true), {
      ...inputs,
      weights,
    });
    const found = await everywhere(loss(replicas, false), {
      ...inputs,
      weights,
    });
    const all = await everywhere(losses(replicas), inputs);
    for (const [i, [place, { value }]] of found.entries()) {
      assertClose(value, expected[i][1].value, { relative: 1e-6 }, place);
      assert.notEqual(value[0], all[i][1].value[names.indexOf("maps")]);
    }
  }
});
