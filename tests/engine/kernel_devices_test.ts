import assert from "node:assert/strict";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { kernelDevices } from "ldlab/engine/kernel_devices.ts";
import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";

const { api } = loadTensorflow(findTensorflow());

Deno.test("kernelDevices() lists what TensorFlow has code for", () => {
  assert.ok(kernelDevices(api, "MatMul").has("CPU"));
  assert.deepEqual(kernelDevices(api, "NoSuchOp"), new Set());
});
