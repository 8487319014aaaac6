/**
 * Where ops run and values go, on a second processor that TensorFlow makes up: it
 * is to the engine what a card is.
 */
import assert from "node:assert/strict";
import { type CApi, cString, type Pointer } from "ldlab/engine/c_api.ts";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { Graph } from "ldlab/engine/graph.ts";
import type { NativeTensor } from "ldlab/engine/native_tensor.ts";
import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
import { Runtime } from "ldlab/engine/runtime.ts";
import { Status } from "ldlab/engine/status.ts";
import { unoptimizedConfig } from "ldlab/engine/config_proto.ts";
import { TF } from "ldlab/engine/data_types.ts";
import { runScript } from "./run_script.ts";

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

/** TensorFlow's functions, and how much of what they gave is not yet freed. */
function counting(): { api: CApi; alive: () => number } {
  let alive = 0;
  const gives =
    /^(TF_NewStatus|TF_AllocateTensor|TFE_TensorHandleCopy\w+|moveOffThread)$/;
  const frees = /^(TF_DeleteStatus|TF_DeleteTensor|TFE_DeleteTensorHandle)$/;
  const given = (pointer: unknown) => {
    if (pointer !== null) alive++;
    return pointer;
  };
  const counted = Object.entries(api).map(([name, call]) => {
    if (!gives.test(name) && !frees.test(name)) return [name, call];
    return [name, (...args: unknown[]) => {
      const result = (call as (...args: unknown[]) => unknown)(...args);
      if (frees.test(name)) alive--;
      else if (result instanceof Promise) return result.then(given);
      else given(result);
      return result;
    }];
  });
  return { api: Object.fromEntries(counted), alive: () => alive };
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

Deno.test("Runtime moves what waits on the host off the main thread, also where it was moved meanwhile", async () => {
  const { api, alive } = counting();
  const runtime = new Runtime(api, twoProcessors, "/device:CPU:1");
  const held = (): NativeTensor => ({
    handle: runtime.hold(TF.FLOAT, [2], Float32Array.of(1, 2)),
    dtype: TF.FLOAT,
    shape: [2],
    waits: runtime.leavesHost(TF.FLOAT),
  });
  try {
    const [one, other] = [held(), held()];
    assert.equal(deviceOf(one.handle), second.replace("CPU:1", "CPU:0"));
    const before = alive();
    const moves = [one, other].map((tensor) => runtime.moveLater(tensor));
    runtime.move(other);
    const moved = other.handle;
    await Promise.all(moves);
    assert.equal(alive(), before); // each of the two has one handle again
    assert.equal(other.handle, moved);
    for (const tensor of [one, other]) {
      assert.equal(deviceOf(tensor.handle), second);
      assert.equal(tensor.waits, false);
      assert.deepEqual([...runtime.download(tensor)], [1, 2]);
      await runtime.moveLater(tensor); // is there
      runtime.delete(tensor.handle);
    }
    assert.equal(runtime.handles, 0);
    assert.equal(runtime.leavesHost(TF.INT32), false);
  } finally {
    runtime.close();
  }
});

Deno.test("Runtime leaves on the host what it cannot move, and leaks nothing", async () => {
  const { api, alive } = counting();
  const runtime = new Runtime(api, twoProcessors, "/device:CPU:7"); // there is none
  const tensor: NativeTensor = {
    handle: runtime.hold(TF.FLOAT, [2], Float32Array.of(1, 2)),
    dtype: TF.FLOAT,
    shape: [2],
    waits: true,
  };
  const why =
    /^Error: Cannot move a tensor of shape \[2\] to the device: .*CPU:7/;
  try {
    const before = alive();
    await assert.rejects(runtime.moveLater(tensor), why);
    assert.throws(() => runtime.move(tensor), why);
    assert.equal(alive(), before);
    assert.throws(
      () => runtime.upload(TF.FLOAT, [2], Float32Array.of(1, 2)),
      why,
    );
    assert.equal(tensor.waits, true);
    assert.deepEqual([...runtime.download(tensor)], [1, 2]);
    assert.equal(runtime.handles, 1);
  } finally {
    runtime.delete(tensor.handle);
    runtime.close();
  }
});

Deno.test("compile() brings large inputs to another device off the main thread, once", async () => {
  const { code, stdout, stderr } = await runScript(`
    import * as tf from "@tensorflow/tfjs-core";
    import { compile } from "ldlab/engine/mod.ts";
    import { unoptimizedConfig } from "ldlab/engine/config_proto.ts";
    import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
    import { registerKernels } from "ldlab/engine/kernels/register.ts";
    import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
    import { Runtime } from "ldlab/engine/runtime.ts";
    import { Session, setCurrentSession } from "ldlab/engine/session.ts";
    import { tensorflowBackend } from "ldlab/engine/tensorflow_backend.ts";

    const { api } = loadTensorflow(findTensorflow());
    const runtime = new Runtime(
      api, new Uint8Array([${twoProcessors}]), "/device:CPU:1");
    const session = new Session(runtime, unoptimizedConfig());
    const backend = tensorflowBackend(session);
    registerKernels();
    tf.registerBackend("tensorflow", () => backend);
    await tf.setBackend("tensorflow");
    setCurrentSession(session);

    const moves = { now: [], later: [] };
    const { move, moveLater } = runtime;
    runtime.move = (t) => { moves.now.push(t.shape); move.call(runtime, t); };
    runtime.moveLater = (t) => { moves.later.push(t.shape); return moveLater.call(runtime, t); };

    const weight = tf.variable(tf.tensor1d(new Float32Array(5000).fill(2)));
    const older = tf.tensor1d(new Float32Array(5000).fill(3));
    const step = compile(({ x, rate }) => ({ y: tf.sum(tf.mul(tf.add(tf.mul(x, weight), older), rate)) }));
    const x = tf.tensor1d(new Float32Array(5000).fill(1));
    const rate = tf.scalar(0.5);
    const sums = [];
    for (let call = 0; call < 3; call++) {
      const { y } = await step({ x, rate });
      sums.push((await y.data())[0]);
      y.dispose();
    }
    const read = tf.tensor1d(new Float32Array(5000).fill(7));
    const first = (await read.data())[4999];
    const before = runtime.handles;
    const gone = tf.tensor1d(new Float32Array(5000)); // never used
    gone.dispose();
    console.log(JSON.stringify({ moves, sums, first, leaks: runtime.handles - before }));
    Deno.exit(0);
  `);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    // The variable, what is older than the step, and the scalar are moved at
    // their first use.
    moves: { now: [[5000], [5000], []], later: [[5000]] },
    sums: [12_500, 12_500, 12_500], // 5000 · (1 · 2 + 3) · 0.5
    first: 7,
    leaks: 0,
  });
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
