import assert from "node:assert/strict";
import { engineText } from "experiments/run_engine.ts";

Deno.test("engineText() names the card, where the engine computes on one", () => {
  const engine = { backend: "tensorflow", version: "2.21.0" } as const;
  assert.equal(engineText(engine), "TensorFlow 2.21.0");
  assert.equal(
    engineText({ ...engine, card: "NVIDIA H100" }),
    "TensorFlow 2.21.0 on NVIDIA H100",
  );
  assert.equal(
    engineText({ backend: "webgpu", version: "4.22.0" }),
    "tfjs 4.22.0 on webgpu",
  );
});
