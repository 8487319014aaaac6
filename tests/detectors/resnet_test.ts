import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { resnet } from "ldlab/detectors/resnet.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { countMultiplyAdds } from "ldlab/nn/conv2d.ts";
import { openScope } from "ldlab/nn/scope.ts";

await openEngine({ backend: "tensorflow" });

// torchvision's documentation: parameters and GFLOPs at 224 x 224 of the
// classifiers, less those of their last layer, [features, 1000] and bias.
const published = [
  [18, 11_689_512 - 513_000, 1.81, [64, 128, 256, 512]],
  [34, 21_797_672 - 513_000, 3.66, [64, 128, 256, 512]],
  [50, 25_557_032 - 2_049_000, 4.09, [256, 512, 1024, 2048]],
  [101, 44_549_160 - 2_049_000, 7.80, [256, 512, 1024, 2048]],
] as const;

for (const [depth, parameters, billions, channels] of published) {
  Deno.test(`resnet() of depth ${depth} has torchvision's parameters and cost`, () => {
    const { scope, variables } = openScope({ seed: 1 });
    const backbone = resnet(scope, {
      depth,
      baseWidth: 64,
      frozenStages: -1,
      normEval: false,
    });
    const sizes = [...variables.parameters.values()].map(({ size }) => size);
    assert.equal(sizes.reduce((a, b) => a + b), parameters);
    assert.deepEqual(backbone.channels, channels);
    const multiplyAdds = countMultiplyAdds(() =>
      tf.tidy(() => {
        const stages = backbone.forward(tf.zeros([1, 224, 224, 3]), false);
        assert.deepEqual(
          stages.map(({ shape }) => shape),
          channels.map((count, i) => [1, 56 >> i, 56 >> i, count]),
        );
      })
    );
    assert.ok(Math.abs(multiplyAdds / 1e9 - billions) < 0.011);
    for (const map of Object.values(variables)) tf.dispose([...map.values()]);
  });
}

Deno.test("resnet() keeps the frozen stages' weights from training", () => {
  const trained = (frozenStages: -1 | 0 | 1 | 2) => {
    const { scope, variables } = openScope({ seed: 1 });
    resnet(scope, { depth: 50, baseWidth: 2, frozenStages, normEval: true });
    const first = [...variables.parameters.keys()][0];
    for (const map of Object.values(variables)) tf.dispose([...map.values()]);
    return first;
  };
  assert.equal(trained(-1), "conv1.weight");
  assert.equal(trained(0), "layer1.0.conv1.weight");
  assert.equal(trained(1), "layer2.0.conv1.weight");
  assert.equal(trained(2), "layer3.0.conv1.weight");
});

Deno.test("resnet() keeps frozen norms from training, and nothing else", () => {
  const { scope, variables } = openScope({ seed: 1 });
  const options = { depth: 50, baseWidth: 2, frozenStages: -1 } as const;
  const { forward } = resnet(scope, { ...options, normEval: "frozen" });
  const names = [...variables.parameters.keys()];
  assert.ok(names.includes("conv1.weight"));
  // Norms and those of short cuts: `bn1.weight`, `downsample.1.bias`.
  assert.deepEqual(names.filter((name) => /bn|downsample\.1/.test(name)), []);
  const before = variables.buffers.get("bn1.running_mean")!.dataSync().slice();
  tf.tidy(() => void forward(tf.ones([1, 32, 32, 3]), true));
  assert.deepEqual(
    variables.buffers.get("bn1.running_mean")!.dataSync(),
    before,
  );
  for (const map of Object.values(variables)) tf.dispose([...map.values()]);
});

Deno.test("resnet() with group norms has no running statistics and starts its last norms at 0", async () => {
  for (const [depth, last] of [[18, "gn2"], [50, "gn3"]] as const) {
    const { scope, variables: { parameters, buffers } } = openScope({
      seed: 1,
    });
    resnet(scope, {
      depth,
      norm: "group",
      baseWidth: 32,
      frozenStages: -1,
      normEval: false,
    });
    assert.equal(buffers.size, 0);
    for (const [name, weight] of parameters) {
      if (weight.rank !== 1 || name.endsWith("bias")) continue;
      const start = name.includes(last) ? 0 : 1;
      assert.ok((await weight.data()).every((v) => v === start), name);
    }
    tf.dispose([...parameters.values()]);
  }
});

Deno.test("resnet() freezes group norms with their stage", () => {
  const { scope, variables: { parameters, buffers } } = openScope({ seed: 1 });
  resnet(scope, {
    depth: 18,
    norm: "group",
    baseWidth: 32,
    frozenStages: 1,
    normEval: true,
  });
  assert.equal([...parameters.keys()][0], "layer2.0.conv1.weight");
  assert.ok(buffers.has("layer1.1.gn2.bias") && buffers.has("gn1.weight"));
  tf.dispose([...parameters.values(), ...buffers.values()]);
});

Deno.test("resnet() refuses group norms of channels that 32 does not divide", () => {
  const { scope } = openScope({ seed: 1 });
  assert.throws(() =>
    resnet(scope, {
      depth: 18,
      norm: "group",
      baseWidth: 16,
      frozenStages: -1,
      normEval: false,
    }), {
    name: "RangeError",
    message: "Cannot make a group norm: the groups must divide the 16 " +
      "channels: current value is 32",
  });
});
