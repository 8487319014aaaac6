import "@tensorflow/tfjs"; // registers the pure JS backend
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { BackboneConfig } from "ldlab/detectors/backbone_config.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { loadBackbone } from "ldlab/detectors/load_backbone.ts";
import { exportWeights, type HostWeight } from "ldlab/detectors/weights.ts";
import { goldenCases } from "../golden.ts";
import { assertSameTensors } from "../same_tensors.ts";
import { withBackboneOf } from "./with_backbone_of.ts";

await tf.setBackend("cpu");

const make = (backbone: BackboneConfig, seed: number | null) =>
  createDetector({
    ...{ kind: "gfl", numClasses: 3, backbone, neckChannels: 4 },
    ...{ headChannels: 4, headConvs: 1, groups: 2 },
  }, { seed });

/** A detector's backbone as a classifier of it is stored, its `fc` too. */
function classifier(weights: ReadonlyMap<string, HostWeight>) {
  const prefix = "backbone.";
  return new Map<string, HostWeight>([
    ...[...weights]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, weight]) => [name.slice(prefix.length), weight] as const),
    ["fc.weight", { shape: [1], dtype: "float32", data: new Float32Array(1) }],
  ]);
}

const goldens = await goldenCases("torchvision_names") as unknown as {
  name: string;
  tensors: Record<string, number[]>;
}[];

for (const { name, tensors } of goldens) {
  Deno.test(`loadBackbone() takes every weight of torchvision's ${name} but its fc`, () => {
    const detector = make(
      { depth: Number(name.slice("resnet".length)) as 18 | 50 },
      null,
    );
    const weights = new Map(
      Object.entries(tensors).map(([name, shape]) => [name, {
        shape,
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7),
      }]),
    );
    const { matched, missing, extra } = loadBackbone(detector, weights);
    const counters = /num_batches_tracked$/;
    const own = Object.keys(tensors).filter((key) => !counters.test(key));
    assert.equal(matched.length, own.length - 2);
    assert.deepEqual(missing, []);
    assert.deepEqual(extra, ["fc.weight", "fc.bias"]);
    detector.dispose();
  });
}

const tiny = { depth: 18, baseWidth: 4 } as const;
const backbones: Record<string, BackboneConfig> = {
  "resnet": tiny,
  "resnet frozen whole": { ...tiny, frozenStages: 4, normEval: true },
  "resnet of caffe style": { depth: 50, baseWidth: 4, style: "caffe" },
  "resnext": {
    ...{ kind: "resnext", depth: 50, baseWidth: 8 },
    ...{ groups: 2, baseWidthPerGroup: 4 },
  },
  "res2net": {
    ...{ kind: "res2net", depth: 50, baseWidth: 8 },
    ...{ scales: 4, baseWidthPerScale: 4 },
  },
};

for (const [what, config] of Object.entries(backbones)) {
  Deno.test(`loadBackbone() gives a ${what} its weights and statistics, and leaves neck and head`, async () => {
    const before = tf.memory().numTensors;
    const [from, to] = [make(config, 1), make(config, 2)];
    const [theirs, own] = [await exportWeights(from), await exportWeights(to)];
    const { extra } = loadBackbone(to, classifier(theirs));
    assert.deepEqual(extra, ["fc.weight"]);
    assertSameTensors(await exportWeights(to), withBackboneOf(theirs, own));
    from.dispose();
    to.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("loadBackbone() leaves the offsets of deformable layers as they start", async () => {
  const plain = make(tiny, 1);
  const theirs = classifier(await exportWeights(plain));
  const config = { ...backbones["resnet of caffe style"] };
  const bottlenecks = make(config, 1);
  const deformable = make(
    { ...config, deformable: { version: 2, stages: [3, 4] } },
    2,
  );
  const { missing } = loadBackbone(
    deformable,
    classifier(await exportWeights(bottlenecks)),
  );
  // Stages 3 and 4 of a ResNet-50 have 6 and 3 blocks.
  assert.equal(missing.length, 2 * (6 + 3));
  for (const name of missing) assert.match(name, /\.conv2\.conv_offset\./);
  assert.throws(() => loadBackbone(deformable, theirs), RangeError);
  [plain, bottlenecks, deformable].forEach((detector) => detector.dispose());
});

Deno.test("loadBackbone() takes a backbone out of a detector, and passes over the caffe stem's bias", async () => {
  const [from, to] = [make(tiny, 1), make(tiny, 2)];
  const theirs = await exportWeights(from);
  const { extra } = loadBackbone(to, theirs);
  assert.ok(extra.includes("bbox_head.gfl_cls.weight"));
  const bias: HostWeight = {
    shape: [4],
    dtype: "float32",
    data: new Float32Array(4),
  };
  const caffe = classifier(theirs).set("conv1.bias", bias);
  assert.deepEqual(loadBackbone(to, caffe).extra, [
    "fc.weight",
    "backbone.conv1.bias",
  ]);
  from.dispose();
  to.dispose();
});

Deno.test("loadBackbone() refuses a shallower, a deeper and a wider network, and loads nothing then", async () => {
  const detector = make(tiny, 1);
  const own = await exportWeights(detector);
  const theirs = classifier(own);
  const refuses = async (
    weights: ReadonlyMap<string, HostWeight>,
    error: RegExp,
  ) => {
    assert.throws(() => loadBackbone(detector, weights), error);
    assertSameTensors(await exportWeights(detector), own);
  };
  const shallower = new Map(
    [...theirs].filter(([name]) => !name.startsWith("layer4.1.")),
  );
  await refuses(
    shallower,
    /^RangeError: .*the file lacks 'backbone\.layer4\.1\.conv1\.weight' and \d+ more/,
  );
  const deeper = new Map(theirs)
    .set("layer4.2.bn1.bias", theirs.get("layer4.1.bn1.bias")!);
  await refuses(
    deeper,
    /^RangeError: .*it has no 'backbone\.layer4\.2\.bn1\.bias', which the file has/,
  );
  const wide = make({ ...tiny, baseWidth: 8 }, 3);
  await refuses(
    classifier(await exportWeights(wide)),
    /^TypeError: .*'backbone\.conv1\.weight' must be \[4, 3, 7, 7\]: current shape is \[8,/,
  );
  await refuses(
    new Map([["fc.weight", theirs.get("fc.weight")!]]),
    /^RangeError: .*there is no 'conv1\.weight'/,
  );
  detector.dispose();
  wide.dispose();
});
