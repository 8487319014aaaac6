import assert from "node:assert/strict";
import { backboneNames } from "ldlab/detectors/backbone_names.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { matchWeights } from "ldlab/detectors/match_weights.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";
import { goldenCases } from "../golden.ts";

await openEngine({ backend: "tensorflow" });

const classifiers = await goldenCases("torchvision_names") as unknown as {
  name: "resnet18" | "resnet50";
  tensors: Record<string, number[]>;
}[];

for (const { name, tensors } of classifiers) {
  Deno.test(`backboneNames() gives ${name} of torchvision the names of a detector's whole backbone`, () => {
    const depth = ({ resnet18: 18, resnet50: 50 } as const)[name];
    const detector = createDetector({
      kind: "gfl",
      ...{ numClasses: 80, backbone: { depth }, neckChannels: 8 },
      ...{ headChannels: 8, headConvs: 1, groups: 4 },
    }, { seed: null });
    const weights = new Map(
      Object.entries(tensors).map(([key, shape]) => [key, { shape }]),
    );
    const { matched, missing, extra, misshaped } = matchWeights(
      detector,
      backboneNames(weights),
    );
    detector.dispose();
    assert.deepEqual(misshaped, []);
    assert.deepEqual(extra, ["fc.weight", "fc.bias"]);
    // All but the classifier's two and the counters of the batch norms.
    const counters = [...weights.keys()]
      .filter((key) => key.endsWith("num_batches_tracked"));
    assert.equal(matched.length, weights.size - 2 - counters.length);
    assert.ok(missing.every((key) => !key.startsWith("backbone.")));
  });
}

Deno.test("backboneNames() knows the stem of a ResNet with group norms", () => {
  const weights = new Map([["gn1.weight", 1], ["layer1.0.gn3.bias", 2]]);
  assert.deepEqual([...backboneNames(weights)], [
    ["backbone.gn1.weight", 1],
    ["backbone.layer1.0.gn3.bias", 2],
  ]);
});
