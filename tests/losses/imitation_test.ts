import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { imitation, type ImitationOptions } from "ldlab/losses/imitation.ts";
import { constant } from "ldlab/nn/initializers.ts";
import { conv2d } from "ldlab/nn/conv2d.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { givenScope } from "../nn/given_scope.ts";

type Tensors = Record<string, tf.Tensor>;
/** NCHW, as golden maps are, to NHWC. */
const toNhwc = (map: tf.Tensor) =>
  tf.transpose(map, [0, 2, 3, 1]) as tf.Tensor4D;

/** A level's features after the reference's 1 x 1 adaptation layer. */
function adapted(map: tf.Tensor4D, given: Tensors, level: number) {
  const scope = givenScope({
    weight: tf.transpose(given[`adapt.${level}.weight`], [2, 3, 1, 0]),
    bias: given[`adapt.${level}.bias`],
  });
  const [outChannels, inChannels] = given[`adapt.${level}.weight`].shape;
  return conv2d(scope, {
    inChannels,
    outChannels,
    kernel: 1,
    weight: constant(0),
    bias: constant(0),
  })(map);
}

const cases: Record<string, {
  masks: "roi" | "gt";
  adapt?: boolean;
  decouple?: boolean;
  error?: ImitationOptions["error"];
}> = {
  FGFI_neck: { masks: "roi", adapt: true },
  decouple_neck: { masks: "gt", adapt: true, decouple: true },
  decouple_neck_noadapt: { masks: "gt", decouple: true },
  // What DeFeat calls L1 is |d| below 1 and d² above.
  gtmask_L1: { masks: "gt", error: "absoluteBelowOne" },
};

Deno.test("imitation() on DeFeat's masks equals its released neck losses, gradients of the student's features included", async () => {
  const golden = await goldenCases("defeat", (c) => c.name in cases);
  const tensors = await goldenTensors("defeat");
  const levels = [...tensors.keys()].filter((key) => /^student\./.test(key))
    .map((_, level) => level);
  for (const { name, params, outputs } of golden) {
    const { masks, adapt, decouple, error } = cases[name];
    const given: Record<string, HostValues> = {};
    for (const [key, { shape, data }] of tensors) {
      if (
        /^(student|teacher|adapt)\./.test(key) ||
        key.startsWith(`mask_${masks}.`)
      ) {
        given[key] = { shape: [...shape], data };
      }
    }
    // A sum over masked features, over twice the masked features, at least 1.
    const masked = (loss: tf.Tensor, mask: tf.Tensor, channels: number) =>
      tf.div(
        tf.mul(tf.sum(tf.mul(loss, mask)), channels),
        tf.maximum(tf.mul(tf.sum(mask), 2 * channels), 1),
      );
    const f = (given: Tensors) =>
      tf.addN(levels.map((level) => {
        const map = toNhwc(given[`student.${level}`]);
        const student = adapt ? adapted(map, given, level) : map;
        const teacher = toNhwc(given[`teacher.${level}`]);
        const mask = given[`mask_${masks}.${level}`];
        const loss = imitation(student, teacher, { error });
        const channels = teacher.shape[3];
        const inside = masked(loss, mask, channels);
        const outside = masked(loss, tf.sub(1, mask), channels);
        return tf.div(
          tf.add(
            tf.mul(inside, params.hint_neck_w),
            tf.mul(outside, decouple ? params.hint_neck_back_w : 0),
          ),
          levels.length,
        );
      }));
    const wrt = levels.map((level) => `student.${level}`);
    for (const [place, found] of await everywhere(f, given, wrt)) {
      const what = `${name} on ${place}`;
      const { loss } = outputs.log_vars;
      assertClose(found.value, [loss], { relative: 1e-5 }, what);
      for (const k of wrt) {
        const { data } = tensors.get(`${name}/grad/${k}`)!;
        assertClose(found.gradients[k], data, { ofLargest: 1e-5 }, what);
      }
    }
  }
});

for (const error of ["squared", "absolute", "absoluteBelowOne"] as const) {
  Deno.test(`imitation() of equal features is 0 with no gradient, error ${error}`, async () => {
    const features = { shape: [3, 4], data: wave(12, 2) };
    const f = ({ student, teacher }: Tensors) =>
      imitation(student, teacher, { error });
    const given = { student: features, teacher: features };
    for (const [place, found] of await everywhere(f, given, ["student"])) {
      assert.deepEqual([...found.value], [0, 0, 0], place);
      assert.ok(found.gradients.student.every((g) => g === 0), place);
    }
  });
}

Deno.test("imitation() sends no gradient to the teacher", () => {
  const [student, teacher] = [tf.zeros([2, 3]), tf.ones([2, 3])];
  assert.throws(
    () => tf.grad((teacher) => imitation(student, teacher))(teacher),
    /gradient/,
  );
});

Deno.test("imitation() refuses other shapes and errors", () => {
  const map = tf.zeros([2, 5, 7, 8]);
  assert.throws(() => imitation(map, tf.zeros([2, 5, 7, 16])), {
    name: "TypeError",
    message: "Cannot compute the imitation loss: teacher features must be " +
      "[..., 8] like the student's: current shape is [2, 5, 7, 16]",
  });
  const error = "l1" as "absolute";
  assert.throws(() => imitation(map, map, { error }), {
    name: "RangeError",
    message: 'Cannot compute the imitation loss: error must be "squared" or ' +
      '"absolute" or "absoluteBelowOne": current value is "l1"',
  });
});
