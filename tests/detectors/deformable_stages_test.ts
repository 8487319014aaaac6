import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import {
  type BackboneConfig,
  type DeformableStages,
  resolveBackboneConfig,
} from "ldlab/detectors/backbone_config.ts";
import { backboneConv } from "ldlab/detectors/backbone_conv.ts";
import { createBackbone } from "ldlab/detectors/create_backbone.ts";
import { resnet } from "ldlab/detectors/resnet.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { countMultiplyAdds } from "ldlab/nn/conv2d.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { assertClose } from "../golden.ts";

await openEngine({ backend: "tensorflow" });

function open(config: BackboneConfig) {
  const { scope, variables } = openScope({ seed: 1 });
  const backbone = createBackbone(scope, resolveBackboneConfig(config));
  return {
    ...variables,
    backbone,
    dispose: () => {
      for (const map of [variables.parameters, variables.buffers]) {
        tf.dispose([...map.values()]);
      }
    },
  };
}

const offsets = (names: Iterable<string>) =>
  [...names].filter((name) => name.includes("conv_offset"));

const kinds = [
  { kind: "resnet", baseWidth: 4 },
  { kind: "resnext", baseWidth: 8, groups: 2, baseWidthPerGroup: 2 },
  { kind: "res2net", baseWidth: 8, scales: 3, baseWidthPerScale: 2 },
] as const;

for (const config of kinds) {
  for (const version of [1, 2] as const) {
    const deformable: DeformableStages = { version, stages: [3, 4] };

    Deno.test(`createBackbone() of ${config.kind} has deformable convolutions of version ${version} in the given stages, without offsets at first`, async () => {
      const network = open({ ...config, deformable });
      const names = offsets(network.parameters.keys());
      const blocks = 6 + 3; // of layer3 and layer4
      const convolutions = config.kind === "res2net" ? 2 * blocks : blocks;
      assert.equal(names.length, 2 * convolutions);
      for (const name of names) {
        assert.match(name, /^layer[34]\.\d+\.(conv2|convs\.[01])\.conv_offset/);
        const offset = network.parameters.get(name)!;
        assert.equal(offset.shape.at(-1), version === 1 ? 18 : 27);
        assert.ok((await offset.data()).every((value) => value === 0), name);
      }
      network.dispose();
    });

    Deno.test(`createBackbone() of ${config.kind} keeps the offsets of frozen stages from training, version ${version}`, () => {
      const network = open({ ...config, deformable, frozenStages: 3 });
      const frozen = offsets(network.buffers.keys());
      assert.ok(frozen.length > 0);
      assert.ok(frozen.every((name) => name.startsWith("layer3.")));
      const trained = offsets(network.parameters.keys());
      assert.ok(trained.every((name) => name.startsWith("layer4.")));
      network.dispose();
    });
  }

  Deno.test(`createBackbone() of ${config.kind} without offsets is the plain one, where deformable of version 1`, async () => {
    const deformable: DeformableStages = { version: 1, stages: [2, 3, 4] };
    const [bent, plain] = [{ ...config, deformable }, config].map(open);
    for (const [name, variable] of plain.parameters) {
      variable.assign(bent.parameters.get(name)!);
    }
    const maps = tf.tidy(() => {
      const images = tf.randomUniform<tf.Rank.R4>([1, 37, 51, 3], -1, 1);
      return [bent, plain].map(({ backbone }) =>
        backbone.forward(images, false)
      );
    });
    for (const [i, map] of maps[0].entries()) {
      const expected = await maps[1][i].data();
      assertClose(await map.data(), expected, { ofLargest: 1e-5 }, `C${i + 2}`);
    }
    tf.dispose(maps);
    bent.dispose();
    plain.dispose();
  });
}

// mmcv 2.1.0: He's uniform values, √(6 / fan-in) at most, in version 1; 1 / √n in
// version 2, n counting the channels of all groups. Here 3 · 3 · 32 numbers.
for (
  const [version, groups, limit] of [
    [1, 1, Math.sqrt(6 / 288)],
    [1, 4, Math.sqrt(6 / 72)],
    [2, 1, Math.sqrt(1 / 288)],
    [2, 4, Math.sqrt(1 / 288)],
  ] as const
) {
  Deno.test(`backboneConv() of ${groups} groups starts as mmcv's, version ${version}`, async () => {
    const { scope, variables } = openScope({ seed: 1 });
    const sizes = { inChannels: 32, outChannels: 64, kernel: 3 };
    backboneConv(scope, { ...sizes, groups, deformable: version });
    const weight = variables.parameters.get("weight")!;
    const values = await weight.data<"float32">();
    const largest = Math.max(...values.map(Math.abs));
    assert.ok(largest <= limit * (1 + 1e-6) && largest > 0.99 * limit);
    const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
    assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.05);
    tf.dispose([...variables.parameters.values()]);
  });
}

Deno.test("createBackbone() has the multiply-adds of offsets counted", () => {
  const cost = (deformable: DeformableStages | null) => {
    const network = open({ baseWidth: 4, deformable });
    const count = countMultiplyAdds(() =>
      tf.tidy(() => {
        network.backbone.forward(tf.zeros([1, 64, 96, 3]), false);
      })
    );
    network.dispose();
    return count;
  };
  // C5 has 2 x 3 cells, and 3 blocks of 32 channels: 3 x 3 x 32 to 27 numbers
  // each; the first block's are of stride 2 and give as many cells.
  assert.equal(
    cost({ version: 2, stages: [4] }) - cost(null),
    3 * (2 * 3) * (9 * 32) * 27,
  );
});

Deno.test("resnet() refuses deformable basic blocks, which the reference has not", () => {
  const { scope } = openScope({ seed: 1 });
  assert.throws(() =>
    resnet(scope, {
      depth: 34,
      baseWidth: 2,
      frozenStages: -1,
      deformable: { version: 1, stages: [4] },
      normEval: false,
    }), {
    name: "RangeError",
    message: "Cannot build ResNet: depth must be 50 or 101 for deformable " +
      "stages: current value is 34",
  });
});
