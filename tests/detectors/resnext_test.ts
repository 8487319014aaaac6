import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { resnext } from "ldlab/detectors/resnext.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { countMultiplyAdds } from "ldlab/nn/conv2d.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { openBackbone } from "./golden_backbone.ts";

await openEngine({ backend: "tensorflow" });

const full = { baseWidth: 64, frozenStages: -1, normEval: false };

// torchvision's documentation: parameters and GFLOPs at 224 x 224 of the
// classifiers, less those of their last layer, [2048, 1000] and bias.
for (
  const [name, depth, baseWidthPerGroup, parameters, billions] of [
    ["resnext50_32x4d", 50, 4, 25_028_904 - 2_049_000, 4.23],
    ["resnext101_32x8d", 101, 8, 88_791_336 - 2_049_000, 16.41],
  ] as const
) {
  Deno.test(`resnext() has the parameters and cost of torchvision's ${name}`, () => {
    const options = { ...full, depth, groups: 32, baseWidthPerGroup };
    const network = openBackbone((scope) => resnext(scope, options));
    const sizes = [...network.parameters.values()].map(({ size }) => size);
    assert.equal(sizes.reduce((a, b) => a + b), parameters);
    const multiplyAdds = countMultiplyAdds(() =>
      tf.tidy(() => {
        const images = tf.zeros<tf.Rank.R4>([1, 224, 224, 3]);
        network.backbone.forward(images, false);
      })
    );
    assert.ok(Math.abs(multiplyAdds / 1e9 - billions) < 0.011);
    network.dispose();
  });
}

Deno.test("resnext() of one group has a ResNet's shapes", () => {
  const options = { ...full, depth: 50, baseWidthPerGroup: 4 } as const;
  const network = openBackbone((scope) =>
    resnext(scope, { ...options, groups: 1 })
  );
  const sizes = [...network.parameters.values()].map(({ size }) => size);
  assert.equal(sizes.reduce((a, b) => a + b), 25_557_032 - 2_049_000);
  network.dispose();
});

Deno.test("resnext() starts the last norms' scales at 1, as MMDetection does", async () => {
  const { scope, variables } = openScope({ seed: 1 });
  resnext(scope, {
    ...full,
    baseWidth: 4,
    depth: 50,
    groups: 2,
    baseWidthPerGroup: 2,
  });
  const scales = [...variables.parameters].filter(([name]) =>
    name.endsWith("bn3.weight")
  );
  assert.equal(scales.length, 16);
  for (const [name, scale] of scales) {
    assert.ok((await scale.data()).every((value) => value === 1), name);
  }
  for (const map of Object.values(variables)) tf.dispose([...map.values()]);
});

Deno.test("resnext() refuses groups that it cannot make", () => {
  const refused = (
    change: { groups?: number; baseWidthPerGroup?: number },
    message: string,
  ) =>
    assert.throws(
      () =>
        resnext(openScope({ seed: 1 }).scope, {
          ...full,
          depth: 50,
          groups: 32,
          baseWidthPerGroup: 4,
          ...change,
        }),
      { name: "RangeError", message: `Cannot build ResNeXt: ${message}` },
    );
  refused(
    { groups: 0 },
    "groups must be a whole number above 0: current value is 0",
  );
  refused(
    { groups: 1.5 },
    "groups must be a whole number above 0: current value is 1.5",
  );
  refused(
    { baseWidthPerGroup: 0.5 },
    "baseWidthPerGroup must be 1 or more: current value is 0.5",
  );
});
