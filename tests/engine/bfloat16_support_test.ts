import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs"; // registers the pure JS backend
import assert from "node:assert/strict";
import { missingForBfloat16 } from "ldlab/engine/bfloat16_support.ts";
import { compile, openEngine, type Precision } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";

await openEngine({ backend: "tensorflow" });
// Else it advises to install tfjs-node.
(tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;

Deno.test("compile() computes in float32 and says so once where bfloat16 lacks something", async () => {
  const session = currentSession()!;
  const square = ({ x }: tf.NamedTensorMap) => ({
    y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D),
  });
  const inputs = { x: tf.tensor2d([1 + 1 / 1024, 0, 0, 1], [2, 2]) };
  const notices: string[] = [];
  const step = compile(square, {
    precision: "bfloat16",
    onNotice: (message) => notices.push(message),
  });
  const known = session.missingForBfloat16;
  session.missingForBfloat16 = missingForBfloat16({
    card: null,
    environment: new Map<string, string>(),
    readCpuinfo: () => "flags : fpu sse avx512f",
  });
  try {
    for (let i = 0; i < 2; i++) {
      const { y } = await step(inputs);
      // (1 + 2^-10)^2 has 20 bits after the point; bfloat16 has 7.
      assert.equal((await y.data())[0], (1 + 1 / 1024) ** 2);
      y.dispose();
    }
    assert.deepEqual(notices, [
      "Computing in float32 in place of bfloat16: the processor has neither " +
      "avx512_bf16 nor amx_bf16 (/proc/cpuinfo)",
    ]);
  } finally {
    session.missingForBfloat16 = known;
    step.dispose();
    inputs.x.dispose();
  }
});

Deno.test("compile() computes in float32 and says so where the engine is not on TensorFlow", async () => {
  const notices: string[] = [];
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, x) }), {
    precision: "bfloat16",
    onNotice: (message) => notices.push(message),
  });
  await tf.setBackend("cpu");
  try {
    const x = tf.scalar(3);
    for (let i = 0; i < 2; i++) {
      const { y } = await step({ x });
      assert.equal((await y.data())[0], 9);
      y.dispose();
    }
    x.dispose();
    assert.deepEqual(notices, [
      "Computing in float32 in place of bfloat16: it needs TensorFlow, and the " +
      "engine runs on cpu",
    ]);
  } finally {
    await tf.setBackend("tensorflow");
  }
});

Deno.test("missingForBfloat16() says what lacks", () => {
  const machine = {
    card: null,
    environment: new Map<string, string>(),
    readCpuinfo: () => "flags : fpu sse avx512_bf16 avx512f",
  };
  assert.equal(missingForBfloat16(machine), undefined);
  const amx = { ...machine, readCpuinfo: () => "flags : amx_tile amx_bf16" };
  assert.equal(missingForBfloat16(amx), undefined);
  // AVX-512 alone multiplies no bfloat16.
  const older = {
    ...machine,
    readCpuinfo: () => "flags : avx512f avx512_vnni",
  };
  assert.match(missingForBfloat16(older)!, /neither avx512_bf16 nor amx_bf16/);
  const card = { name: "H100", capability: [9, 0], bytes: 8e10 } as const;
  assert.equal(missingForBfloat16({ ...older, card }), undefined);
  assert.equal(
    missingForBfloat16({
      ...machine,
      card: { name: "T4", capability: [7, 5], bytes: 16e9 },
    }),
    "the card (T4) has no bfloat16: its compute capability is 7.5, and 8.0 is " +
      "needed",
  );
  const unreadable = {
    ...machine,
    readCpuinfo: () => {
      throw new Error("no such file");
    },
  };
  assert.match(missingForBfloat16(unreadable)!, /no such file/);
  // ReadBoolFromEnvVar in TensorFlow's core/util/env_var.cc takes both.
  for (const off of ["0", "False"]) {
    const environment = new Map([["TF_ENABLE_ONEDNN_OPTS", off]]);
    const missing = missingForBfloat16({ ...machine, environment })!;
    assert.ok(missing.includes(`TF_ENABLE_ONEDNN_OPTS=${off}`), missing);
  }
});

Deno.test("compile() refuses a precision that it does not know", () => {
  assert.throws(
    () =>
      compile(({ x }: tf.NamedTensorMap) => ({ x }), {
        name: "train",
        precision: "float16" as Precision,
      }),
    new RangeError(
      "Cannot compile step 'train': precision must be float32 or bfloat16: " +
        "current value is 'float16'",
    ),
  );
});
