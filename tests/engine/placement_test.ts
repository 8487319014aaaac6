/**
 * Where ops run and values go, on a second processor that TensorFlow makes up: it
 * is to the engine what a card is.
 */
import assert from "node:assert/strict";
import { cString, type Pointer } from "ldlab/engine/c_api.ts";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { Graph } from "ldlab/engine/graph.ts";
import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
import { Runtime } from "ldlab/engine/runtime.ts";
import { Status } from "ldlab/engine/status.ts";
import { unoptimizedConfig } from "ldlab/engine/config_proto.ts";
import { TF } from "ldlab/engine/data_types.ts";

const { api } = loadTensorflow(findTensorflow());
/** device_count { key: "CPU" value: 2 } */
const twoProcessors = new Uint8Array([10, 7, 10, 3, 67, 80, 85, 16, 2]);
const second = "/job:localhost/replica:0/task:0/device:CPU:1";

/** The device of an open runtime's tensor. */
function deviceOf(handle: Pointer): string {
  const status = new Status(api);
  const name = api.TFE_TensorHandleDeviceName(handle, status.pointer);
  status.check("tell the device");
  status.delete();
  return Deno.UnsafePointerView.getCString(name!);
}

Deno.test("Runtime puts values and results on its device, and frees them", async () => {
  const runtime = new Runtime(api, twoProcessors, "/device:CPU:1");
  try {
    assert.deepEqual(runtime.devices().map(({ name }) => name), [
      second.replace("CPU:1", "CPU:0"),
      second,
    ]);
    assert.ok(runtime.devices().every(({ bytes }) => bytes > 0));
    const shape = [2];
    const x = {
      handle: runtime.upload(TF.FLOAT, shape, Float32Array.of(1, 2)),
      dtype: TF.FLOAT,
      shape,
    };
    assert.equal(deviceOf(x.handle), second);
    const [sum] = runtime.execute("AddV2", [], [x, x], 1);
    assert.equal(deviceOf(sum.handle), second);
    assert.deepEqual([...await runtime.downloadLater(sum)], [2, 4]);
    assert.deepEqual([...runtime.download(sum)], [2, 4]);
    assert.equal(runtime.handles, 2);
    runtime.delete(x.handle);
    runtime.delete(sum.handle);
    assert.equal(runtime.handles, 0);
  } finally {
    runtime.close();
  }
});

Deno.test("Runtime leaves shapes, indices and strings with the processor", () => {
  const runtime = new Runtime(api, twoProcessors, "/device:CPU:1");
  const first = second.replace("CPU:1", "CPU:0");
  try {
    const indices = runtime.upload(TF.INT32, [1], Int32Array.of(3));
    assert.equal(deviceOf(indices), first);
    const flags = runtime.upload(TF.BOOL, [1], Uint8Array.of(1));
    assert.equal(deviceOf(flags), second);
    // Copied by an op, which runs where ops run.
    const text = runtime.upload(TF.STRING, [1], [new Uint8Array([104])]);
    assert.deepEqual(
      runtime.download({ handle: text, dtype: TF.STRING, shape: [1] }),
      [new Uint8Array([104])],
    );
    // An op that takes them from the processor runs on the device all the same.
    const x = runtime.upload(TF.FLOAT, [], Float32Array.of(7));
    const [filled] = runtime.execute("Fill", [], [
      { handle: indices, dtype: TF.INT32, shape: [1] },
      { handle: x, dtype: TF.FLOAT, shape: [] },
    ], 1);
    assert.equal(deviceOf(filled.handle), second);
    assert.deepEqual([...runtime.download(filled) as Float32Array], [7, 7, 7]);
    for (const handle of [indices, flags, text, x, filled.handle]) {
      runtime.delete(handle);
    }
    assert.equal(runtime.handles, 0);
  } finally {
    runtime.close();
  }
});

Deno.test("Runtime runs a recorded function on its device", async () => {
  const runtime = new Runtime(api, twoProcessors, "/device:CPU:1");
  const graph = new Graph(runtime, "the test");
  try {
    const x = graph.placeholder(TF.FLOAT, [2]);
    const what = () => "Square";
    const [{ output }] = graph.add("Square", [], [x], 1, what);
    const name = cString("squares");
    graph.toFunction(name, [output.operation], [x], [output]);
    const input = runtime.upload(TF.FLOAT, [2], Float32Array.of(3, 4));
    const [result] = await runtime.executeFunction({
      name,
      config: unoptimizedConfig(),
      xla: false,
      inputs: [input],
      outputs: 1,
    }, "run the test");
    assert.equal(deviceOf(result.handle), second);
    assert.deepEqual([...runtime.download(result)], [9, 16]);
    runtime.delete(input);
    runtime.delete(result.handle);
  } finally {
    graph.close();
    runtime.close();
  }
});
