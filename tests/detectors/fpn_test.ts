import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { type ExtraLevels, fpn } from "ldlab/detectors/fpn.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { convolve } from "ldlab/nn/conv2d.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { assertClose } from "../golden.ts";

await openEngine({ backend: "tensorflow" });

const cases: [name: string, options: ExtraLevels][] = [
  ["GFL and ATSS", {}],
  ["FCOS", { reluBeforeExtra: true }],
  ["MMDetection's RetinaNet", { extraLevels: "onInput" }],
  [
    "torchvision's RetinaNet",
    { extraLevels: "onInput", reluBeforeExtra: true },
  ],
];

for (const [name, options] of cases) {
  Deno.test(`fpn() makes P6 and P7 as ${name}`, async () => {
    const { scope, variables: { parameters } } = openScope({ seed: 1 });
    const neck = fpn(scope, {
      inChannels: [2, 3, 5],
      outChannels: 4,
      ...options,
    });
    const onInput = options.extraLevels === "onInput";
    const filter = (i: number) =>
      parameters.get(`fpn_convs.${i}.conv.weight`) as tf.Tensor4D;
    assert.deepEqual(filter(3).shape, [3, 3, onInput ? 5 : 4, 4]);
    assert.deepEqual(filter(4).shape, [3, 3, 4, 4]);
    const found = tf.tidy(() => {
      const stages = ([[9, 7, 2], [5, 4, 3], [3, 2, 5]] as const).map(
        ([height, width, channels]) =>
          tf.randomUniform<tf.Rank.R4>([1, height, width, channels], -1, 1),
      );
      const levels = neck(stages);
      const p6 = convolve(onInput ? stages[2] : levels[2], filter(3), 2, 1);
      const before = options.reluBeforeExtra ? tf.relu(p6) : p6;
      const p7 = convolve(before, filter(4), 2, 1);
      return { levels, expected: { p6, p7 } };
    });
    const { levels: [, , , p6, p7], expected } = found;
    assert.deepEqual(p6.shape, [1, 2, 1, 4]);
    assertClose(await p6.data(), await expected.p6.data(), { absolute: 1e-6 });
    assertClose(await p7.data(), await expected.p7.data(), { absolute: 1e-6 });
    tf.dispose(found);
    tf.dispose([...parameters.values()]);
  });
}

Deno.test("fpn() refuses extra levels from elsewhere", () => {
  const { scope } = openScope({ seed: 1 });
  const options = { extraLevels: "onLateral" } as unknown as ExtraLevels;
  assert.throws(
    () => fpn(scope, { inChannels: [1, 1, 1], outChannels: 1, ...options }),
    {
      name: "RangeError",
      message:
        "Cannot make a feature pyramid: extraLevels must be 'onOutput' " +
        "or 'onInput': current value is onLateral",
    },
  );
});
