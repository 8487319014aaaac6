import assert from "node:assert/strict";
import {
  type BackboneConfig,
  resolveBackboneConfig,
} from "ldlab/detectors/backbone_config.ts";

Deno.test("resolveBackboneConfig() spells out the published ResNet-50", () => {
  const resnet50 = {
    kind: "resnet",
    depth: 50,
    style: "pytorch",
    norm: "batch",
    baseWidth: 64,
    frozenStages: -1,
    normEval: false,
    deformable: null,
  };
  assert.deepEqual(resolveBackboneConfig(), resnet50);
  assert.deepEqual(resolveBackboneConfig({ kind: "resnet" }), resnet50);
  assert.deepEqual(resolveBackboneConfig({ depth: undefined }), resnet50);
});

Deno.test("resolveBackboneConfig() gives the same for what it gave", () => {
  const configs: BackboneConfig[] = [
    { depth: 18, norm: "group" },
    { kind: "resnext", deformable: { version: 2, stages: [3] } },
    { kind: "res2net", depth: 101, frozenStages: 1, normEval: true },
  ];
  for (const config of configs) {
    const resolved = resolveBackboneConfig(config);
    assert.deepEqual(resolveBackboneConfig(resolved), resolved);
  }
});

Deno.test("resolveBackboneConfig() puts deformable stages in order", () => {
  const deformable = { version: 1, stages: [4, 2] } as const;
  const resolved = resolveBackboneConfig({ deformable });
  assert.deepEqual(resolved.deformable, { version: 1, stages: [2, 4] });
  assert.deepEqual(deformable.stages, [4, 2]);
});

const wrong: [config: Record<string, unknown>, message: RegExp][] = [
  [
    { kind: "vgg" },
    /kind must be 'resnet', 'resnext' or 'res2net': .* is vgg/,
  ],
  [{ depth: 152 }, /depth must be 18, 34, 50 or 101: current value is 152/],
  [
    { kind: "resnext", depth: 18 },
    /depth must be 50 or 101: current value is 18/,
  ],
  [
    { baseWidth: 0 },
    /baseWidth must be a whole number of 1 or more: .* is 0/,
  ],
  [{ baseWidth: "64" }, /baseWidth must be a whole number/],
  [{ style: "tf" }, /style must be 'pytorch' or 'caffe': .* is tf/],
  [{ norm: "layer" }, /norm must be 'batch' or 'group': .* is layer/],
  [{ frozenStages: 5 }, /frozenStages must be -1, 0, 1, 2, 3 or 4: .* is 5/],
  [{ normEval: "yes" }, /normEval must be true, false or 'frozen': .* is yes/],
  [{ norm: "group", baseWidth: 16 }, /a multiple of 32, the groups .* is 16/],
  [{ kind: "resnext", groups: 1.5 }, /groups must be a whole number/],
  [{ kind: "resnext", baseWidthPerGroup: 0.5 }, /must be 1 or more: .* 0.5/],
  [
    { kind: "res2net", scales: 1 },
    /scales must be a whole number of 2 or more/,
  ],
  [{ kind: "res2net", baseWidthPerScale: NaN }, /1 or more: .* is NaN/],
  [{ kind: "res2net", baseWidth: 7 }, /baseWidth must be even for 'res2net'/],
  [{ kind: "res2net", style: "caffe" }, /of 'res2net' must be .* "style"/],
  [{ groups: 32 }, /a setting of 'resnet' must be one of .* is "groups"/],
  [
    { depth: 34, deformable: { version: 1, stages: [2] } },
    /depth must be 50 or 101 for deformable stages: current value is 34/,
  ],
  [{ deformable: { version: 3, stages: [2] } }, /version must be 1 or 2/],
  [{ deformable: { version: 1 } }, /some of 2, 3 and 4, each once: .* undef/],
  [{ deformable: { version: 1, stages: [] } }, /some of 2, 3 and 4.* is \[\]/],
  [{ deformable: { version: 1, stages: [1] } }, /some of 2, 3 and 4.*\[1\]/],
  [{ deformable: { version: 1, stages: [2, 2] } }, /each once: .* \[2,2\]/],
  [
    { deformable: { version: 1, stages: [2], groups: 4 } },
    /a setting of deformable must be one of version, stages: .* "groups"/,
  ],
];

for (const [config, message] of wrong) {
  Deno.test(`resolveBackboneConfig() refuses ${JSON.stringify(config)}`, () => {
    assert.throws(
      () => resolveBackboneConfig(config as BackboneConfig),
      (error: unknown) =>
        error instanceof RangeError && message.test(error.message),
    );
  });
}
