import assert from "node:assert/strict";
import { validAnchors } from "ldlab/boxes/anchors.ts";
import { makeTargets } from "ldlab/data/image_targets.ts";
import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import { regionKey } from "ldlab/regions/region.ts";
import { assignTargets } from "ldlab/regions/target_rule.ts";

const objects = {
  boxes: new Float32Array([8, 4, 60, 30, 20, 10, 30, 24]),
  labels: new Int32Array([1, 0]),
};
const size = { width: 96, height: 64 };
const imageSize = { width: 62, height: 31 };
const ownInput = { width: 64, height: 32 };
const options = { numClasses: 2, regions: new Map(), keptBytes: 1e6 };

Deno.test("makeTargets() assigns by each detector's rule, with valid anchors where the reference has them", () => {
  for (const kind of ["gfl", "atss", "retina", "fcos"] as const) {
    const rule = targetRuleOf({ kind, numClasses: 2 });
    const targets = makeTargets(rule, options);
    const anchors = targets.anchorsOf(size);
    const valid = kind === "fcos" ? undefined : validAnchors(anchors, ownInput);
    const { labels, boxTargets, labelWeights } = assignTargets(
      rule.assignment,
      anchors,
      objects,
      { numClasses: 2, valid },
    );
    const found = targets.of({ objects, size, imageSize, ownInput });
    assert.deepEqual(
      found,
      { labels, boxTargets, labelWeights, regions: {} },
      kind,
    );
    assert.ok(labels.some((label) => label < 2), kind);
    const whole = targets.of({ objects, size, imageSize: size });
    const learnt = whole.labelWeights.filter((weight) => weight === 1).length;
    if (kind !== "retina") assert.equal(learnt, anchors.count);
  }
});

Deno.test("makeTargets() makes regions within the image and its padding", () => {
  const region = { kind: "fgdForeground" } as const;
  const all = { kind: "all" } as const;
  const regions = new Map([region, all].map((one) => [regionKey(one), one]));
  const rule = targetRuleOf({ kind: "gfl", numClasses: 2 });
  const targets = makeTargets(rule, { ...options, regions });
  const anchors = targets.anchorsOf(size);
  const found = targets.of({ objects, size, imageSize, ownInput });
  const valid = [...validAnchors(anchors, ownInput)];
  assert.deepEqual([...found.regions.all], valid);
  assert.deepEqual([...found.labelWeights], valid);
  const [weights] = [found.regions[regionKey(region)]];
  assert.ok(weights.some((weight) => weight > 0));
  assert.ok(weights.every((weight, at) => weight === 0 || valid[at] === 1));
});

Deno.test("makeTargets() keeps targets of equal keys while memory is left", () => {
  const rule = targetRuleOf({ kind: "gfl", numClasses: 2 });
  const anchors = makeTargets(rule, options).anchorsOf(size);
  const bytes = anchors.count * 6 * 4;
  const of = (keptBytes: number, key?: string) => {
    const targets = makeTargets(rule, { ...options, keptBytes });
    const image = { objects, size, imageSize, key };
    return targets.of(image) === targets.of(image);
  };
  assert.equal(of(bytes, "a"), true);
  assert.equal(of(bytes - 1, "a"), false);
  assert.equal(of(bytes), false);
});
