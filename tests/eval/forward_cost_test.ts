import assert from "node:assert/strict";
import { measureComplexity } from "ldlab/detectors/complexity.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { forwardCost } from "ldlab/eval/forward_cost.ts";
import { goldenCases } from "../golden.ts";
import { tinyDetector } from "../train/tiny_detector.ts";

const engine = await openEngine();

// tests/golden/complexity.json: MMEngine's FlopAnalyzer of MMDetection's models.
const networks = Map.groupBy(
  await goldenCases("complexity"),
  ({ name }) => name.slice(0, name.lastIndexOf("_")),
);
for (const [name, cases] of networks) {
  Deno.test(`forwardCost() and measureComplexity() equal MMEngine's FlopAnalyzer when the detector is ${name}`, async () => {
    const { kind, backbone, plain } = cases[0].params;
    const detector = createDetector({
      kind,
      backbone,
      numClasses: 80,
      ...(plain && { regMax: null }),
    }, { seed: 1 });
    for (const { params, outputs } of cases) {
      const { parameters, flops, byOperator } = outputs;
      const cost = await forwardCost(detector, params);
      assert.deepEqual(cost, { parameters, multiplyAdds: byOperator.conv });
      assert.ok(flops > byOperator.conv && flops < 1.005 * byOperator.conv);
      if (params.width * params.height > 1e5) continue; // half a minute to run
      assert.deepEqual(measureComplexity(detector, params), cost);
    }
    detector.dispose();
  });
}

Deno.test("forwardCost() leaves no tensor or handle behind, also on a failure", async () => {
  const before = engine.memory();
  const detector = tinyDetector(1);
  await forwardCost(detector, { height: 64, width: 64 });
  const failing = {
    ...detector,
    forward: () => {
      throw new Error("no forward");
    },
  };
  await assert.rejects(
    forwardCost(failing, { height: 64, width: 64 }),
    /no forward/,
  );
  detector.dispose();
  assert.deepEqual(engine.memory(), before);
});
