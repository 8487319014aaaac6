import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { focalGlobalDistillation } from "ldlab/losses/fgd.ts";
import { FGD_SETTINGS } from "ldlab/losses/fgd_settings.ts";
import { conv2d } from "ldlab/nn/conv2d.ts";
import { gcBlock } from "ldlab/nn/gc_block.ts";
import { constant } from "ldlab/nn/initializers.ts";
import type { HostTensor } from "ldlab/train/safetensors.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { centralDifferences, sum, wave } from "../float64.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { givenScope } from "../nn/given_scope.ts";
import { cellWeights, definition } from "./fgd_definition.ts";

type Tensors = Record<string, tf.Tensor>;

/** A golden tensor as an input. */
const hostValues = ({ shape, data }: HostTensor): HostValues => ({
  shape: [...shape],
  data,
});

/** NCHW, as golden maps are, to NHWC. */
const toNhwc = (map: tf.Tensor) =>
  tf.transpose(map, [0, 2, 3, 1]) as tf.Tensor4D;

Deno.test("focalGlobalDistillation() equals FGD's FeatureLoss, the gradients of features and of all parameters included", async () => {
  const cases = await goldenCases("fgd");
  const tensors = await goldenTensors("fgd");
  for (const { name, inputs, params, outputs } of cases) {
    const student = hostValues(tensors.get(`${name}/student`)!);
    const given: Record<string, HostValues> = {
      student,
      teacher: hostValues(tensors.get(`${name}/teacher`)!),
      ...cellWeights(inputs.gt_bboxes, params.img_shape, student.shape),
    };
    const parameters: string[] = [];
    for (const [key, value] of tensors) {
      const [, parameter] = key.split(`${name}/param/`);
      if (!parameter || key.includes("/grad/")) continue;
      parameters.push(parameter);
      given[parameter] = hostValues(value);
    }
    const f = (given: Tensors) => {
      const weights = Object.fromEntries(parameters.map((key) => {
        const value = given[key];
        // Filters [out, in, 1, 1], and the layer norm's scales [K, 1, 1].
        if (value.rank === 4) return [key, tf.transpose(value, [2, 3, 1, 0])];
        return [key, value.rank === 3 ? tf.squeeze(value) : value];
      }));
      const scope = givenScope(weights);
      const channels = params.teacher_channels;
      const map = toNhwc(given.student);
      const { foreground, background, attention, relation } =
        focalGlobalDistillation({
          student: params.student_channels === channels
            ? map
            : conv2d(scope.child("align"), {
              inChannels: params.student_channels,
              outChannels: channels,
              kernel: 1,
              weight: constant(0),
              bias: constant(0),
            })(map),
          teacher: toNhwc(given.teacher),
          foreground: given.foreground as tf.Tensor3D,
          background: given.background as tf.Tensor3D,
        }, {
          studentContext: gcBlock(scope, { channels, suffix: "_s" }),
          teacherContext: gcBlock(scope, { channels, suffix: "_t" }),
          temperature: params.temp,
        });
      return tf.addN([
        tf.mul(foreground, params.alpha_fgd),
        tf.mul(background, params.beta_fgd),
        tf.mul(attention, params.gamma_fgd),
        tf.mul(relation, params.lambda_fgd),
      ]);
    };
    const wrt = ["student", ...parameters];
    for (const [place, found] of await everywhere(f, given, wrt)) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.loss.data, { relative: 1e-5 }, what);
      for (const k of wrt) {
        const at = k === "student" ? k : `param/${k}`;
        const slopes = (of: string) => tensors.get(`${name}/grad/${of}`)!.data;
        // A softmax does not see the mask's bias: a sum of terms as large as
        // the weight's gradients that cancel.
        const terms = slopes(at.replace(/(conv_mask_.)\.bias$/, "$1.weight"));
        const largest = Math.max(...Array.from(terms, Math.abs));
        assertClose(
          found.gradients[k],
          slopes(at),
          { absolute: 1e-5 * largest },
          `gradient of ${k}, ${what}`,
        );
      }
    }
  }
});

/** The four losses, with contexts simple enough for the host. */
const losses = (temperature: number) => (given: Tensors) => {
  const { foreground, background, attention, relation } =
    focalGlobalDistillation({
      student: given.student as tf.Tensor4D,
      teacher: given.teacher as tf.Tensor4D,
      foreground: given.foreground as tf.Tensor3D,
      background: given.background as tf.Tensor3D,
    }, {
      studentContext: (x) => tf.mul(x, 2),
      teacherContext: (x) => tf.add(x, 1),
      temperature,
    });
  return tf.stack([foreground, background, attention, relation]);
};

function maps(
  shape: number[],
  weights: { foreground: number[]; background: number[] },
) {
  const size = shape.reduce((a, b) => a * b);
  const cells = shape.slice(0, 3);
  return {
    student: { shape, data: [...wave(size, 2)] },
    teacher: { shape, data: [...wave(size, 2, 5)] },
    foreground: { shape: cells, data: weights.foreground },
    background: { shape: cells, data: weights.background },
  };
}

const usual = maps([2, 1, 3, 4], {
  foreground: [0.25, 0.5, 0, 0, 0, 0],
  background: [0, 0, 1, 0.25, 0.5, 0.25],
});

for (
  const [what, given, temperature] of [
    ["two images, one without foreground", usual, 0.5],
    ["τ = 0.1", usual, 0.1],
    ["τ = 100", usual, 100],
    [
      "one image of one cell",
      maps([1, 1, 1, 5], { foreground: [0.5], background: [0] }),
      0.5,
    ],
    [
      "one channel",
      maps([1, 2, 2, 1], {
        foreground: [0, 0.5, 0, 0.5],
        background: [0.5, 0, 0.5, 0],
      }),
      0.5,
    ],
  ] as const
) {
  Deno.test(`focalGlobalDistillation() of ${what} is its float64 definition, its gradient the central differences of that`, async () => {
    const numbers = Object.fromEntries(
      Object.entries(given).map((
        [k, { data }],
      ) => [k, [...Float32Array.from(data)]]),
    );
    const { shape } = given.student;
    const slopes = centralDifferences(
      (student) => sum(definition({ ...numbers, student }, shape, temperature)),
      numbers.student,
    );
    const found = await everywhere(losses(temperature), given, ["student"]);
    for (const [place, { value, gradients }] of found) {
      const expected = definition(numbers, shape, temperature);
      assertClose(value, expected, { relative: 1e-5, absolute: 1e-5 }, place);
      assertClose(gradients.student, slopes, { ofLargest: 1e-5 }, place);
    }
  });
}

Deno.test("focalGlobalDistillation() of a student with its teacher's features has no focal loss, no attention loss and no gradient of them", async () => {
  const given = { ...usual, student: usual.teacher };
  const f = (given: Tensors) => tf.slice(losses(0.5)(given), 0, 3);
  for (const [place, found] of await everywhere(f, given, ["student"])) {
    assert.deepEqual([...found.value], [0, 0, 0], place);
    assert.ok(found.gradients.student.every((g) => g === 0), place);
  }
});

Deno.test("focalGlobalDistillation() has its value and finite gradients for features of ±1e4", async () => {
  const signs = (data: number[]): number[] =>
    data.map((v) => v < 0 ? -1e4 : 1e4);
  const student = { ...usual.student, data: signs(usual.student.data) };
  const teacher = { ...usual.teacher, data: signs(usual.teacher.data) };
  teacher.data[0] = 0;
  const given = { ...usual, student, teacher };
  const numbers = Object.fromEntries(
    Object.entries(given).map(([k, { data }]) => [k, data]),
  );
  const expected = definition(numbers, student.shape, 0.5);
  for (
    const [place, found] of await everywhere(losses(0.5), given, ["student"])
  ) {
    assertClose(found.value, expected, { relative: 1e-5 }, place);
    assert.ok(found.gradients.student.every(Number.isFinite), place);
  }
});

Deno.test("focalGlobalDistillation() sends no gradient to the teacher's features", () => {
  const given = Object.fromEntries(
    Object.entries(usual).map((
      [k, { shape, data }],
    ) => [k, tf.tensor(data, shape)]),
  );
  assert.throws(
    () =>
      tf.grad((teacher) => losses(0.5)({ ...given, teacher }))(given.teacher),
    /gradient/,
  );
  tf.dispose(given);
});

Deno.test("focalGlobalDistillation() refuses other shapes and temperatures", () => {
  const map = tf.zeros<tf.Rank.R4>([2, 5, 7, 8]);
  const cells = tf.zeros<tf.Rank.R3>([2, 5, 7]);
  const usual = {
    student: map,
    teacher: map,
    foreground: cells,
    background: cells,
  };
  const contexts = {
    studentContext: (x: tf.Tensor4D) => x,
    teacherContext: (x: tf.Tensor4D) => x,
  };
  const refuses = (maps: Partial<typeof usual>, message: string) =>
    assert.throws(
      () => focalGlobalDistillation({ ...usual, ...maps }, contexts),
      { name: "TypeError", message },
    );
  refuses(
    { teacher: tf.zeros([2, 5, 7, 16]) },
    "Cannot compute FGD: teacher features must be [..., 8] like the " +
      "student's: current shape is [2, 5, 7, 16]",
  );
  refuses(
    { background: tf.zeros([2, 7, 5]) },
    "Cannot compute FGD: background weights must be [2, 5, 7] like the " +
      "cells of the features: current shape is [2, 7, 5]",
  );
  refuses(
    { student: tf.zeros([0, 5, 7, 8]) },
    "Cannot compute FGD: student features must be [B, H, W, D], none of " +
      "them 0: current shape is [0, 5, 7, 8]",
  );
  assert.throws(
    () => focalGlobalDistillation(usual, { ...contexts, temperature: 0 }),
    RangeError,
  );
});

Deno.test("FGD_SETTINGS has as classDefault the defaults of FGD's FeatureLoss", () => {
  // yzd-v/FGD at c03a6cf3, `FeatureLoss.__init__`.
  assert.deepEqual(FGD_SETTINGS.classDefault, {
    temperature: 0.5,
    foreground: 0.001,
    background: 0.0005,
    attention: 0.001,
    relation: 0.000005,
  });
});
