import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { tensorOf } from "./deterministic_values.ts";

const engine = await openEngine({ backend: "tensorflow" });

type Step = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

/** Fails unless the step is refused, and the engine is as before and works. */
async function refused(
  step: Step,
  error: RegExp | { name: string; message: RegExp } | ((e: Error) => boolean),
  options: { check?: boolean } = {},
): Promise<void> {
  // Through an op, for values from the host are uploaded at first use.
  const x = tf.tidy(() => tf.add(tensorOf([2, 3], 1), 0));
  const before = engine.memory();
  const compiled = compile(step, { name: "mine", ...options });
  await assert.rejects(compiled({ x }), error);
  compiled.dispose();
  assert.deepEqual(engine.memory(), before);
  assert.deepEqual([...await tf.tidy(() => tf.add(1, 1)).data()], [2]);
  const good = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.sum(x) }));
  tf.dispose(await good({ x }));
  good.dispose();
  x.dispose();
}

/** The line of this file that holds the mark, as an error shows it. */
function lineOf(mark: string): string {
  const lines = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  const at = lines.findIndex((line) => line.endsWith(`// ${mark}`));
  assert.ok(at >= 0, mark);
  return `(at ${import.meta.url}:${at + 1}:`;
}

const onHost = /step 'mine': it reads the output of Mul .*\[2,3\] on the host/;

Deno.test("compile() refuses a value read on the host, and names the op", async () => {
  await refused(({ x }) => {
    const y = tf.mul(x, 2);
    y.dataSync();
    return { y };
  }, onHost);
  await refused(({ x }) => {
    const y = tf.mul(x, 2);
    return { y: (y.arraySync() as number[][])[0][0] > 0 ? y : x };
  }, onHost);
});

Deno.test("compile() names the line of the step that it cannot record", async () => {
  const cases: Record<string, [Step, RegExp]> = {
    "a read": [({ x }) => {
      const y = tf.mul(x, 2);
      y.dataSync(); // a read
      return { y };
    }, onHost],
    "control flow": [({ x }) => {
      const y = tf.mul(x, 2);
      if (y as unknown as number > 0) return { y }; // control flow
      return { y: x };
    }, onHost],
    "a printed tensor": [({ x }) => {
      tf.mul(x, 2).print(); // a printed tensor
      return { x };
    }, onHost],
    "an unknown shape": [({ x }) => {
      const flat = tf.reshape(x, [6]);
      return tf.unique(flat); // an unknown shape
    }, /Cannot record UniqueV2 in step 'mine': the shape of its output/],
    "a refused op": [({ x }) => {
      const narrow = tf.reshape(x, [6]) as tf.Tensor;
      return {
        y: tf.engine().runKernel("PaddedConv2D", { // a refused op
          x,
          filter: narrow,
        }, { strides: [1, 1], pads: [0, 0, 0, 0] }) as tf.Tensor,
      };
    }, /Cannot record Conv2D on \[2,3\], \[6\] in step 'mine': .*rank 4/],
    "an escape": [({ x }) => {
      const y = tf.logSoftmax(x); // an escape
      tf.keep(y);
      return { x };
    }, /step 'mine': it keeps a tensor of shape \[2,3\] made by Sub/],
    "a kept constant": [({ x }) => {
      tf.keep(tf.add(tf.ones([2]), 0)); // a kept constant
      return { x };
    }, /step 'mine': it keeps a tensor of shape \[2\] made by/],
  };
  for (const [mark, [step, message]] of Object.entries(cases)) {
    const line = lineOf(mark);
    await refused(step, {
      name: "Error",
      message: new RegExp(
        `${message.source}.*${line.replace(/[(.]/g, "\\$&")}\\d+\\)$`,
        "s",
      ),
    });
  }
});

Deno.test("compile() names the line of a compiled step inside of a step", async () => {
  const inner = compile(({ x }: tf.NamedTensorMap) => ({ x }));
  let message = "";
  await refused(({ x }) => {
    inner({ x }); // a step inside
    return { x };
  }, (error: Error) => {
    message = error.message;
    return true;
  });
  assert.ok(message.includes(lineOf("a step inside")), message);
});

Deno.test("compile() finds the line of a gradient's op in the step", async () => {
  const square = tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: (dy) => {
      (dy as tf.Tensor).arraySync(); // a gradient
      return dy as tf.Tensor;
    },
  }));
  let message = "";
  await refused(
    ({ x }) => ({ y: tf.grad((x) => tf.mul(square(x), 2))(x) }),
    (error: Error) => {
      message = error.message;
      return true;
    },
  );
  assert.ok(message.includes(lineOf("a gradient")), message);
});

Deno.test("compile() refuses an output that is a promise, and handles its failure", async () => {
  await refused(
    ({ x }) => ({
      y: tf.whereAsync(tf.greater(x, 0)) as unknown as tf.Tensor,
    }),
    { name: "TypeError", message: /outputs must be .*: 'y' is a promise/ },
  );
  await new Promise((resolve) => setTimeout(resolve, 0));
});

Deno.test("compile() rejects an asynchronous read in the step", async () => {
  let read: Promise<unknown> = Promise.resolve();
  const compiled = compile(({ x }: tf.NamedTensorMap) => {
    const y = tf.mul(x, 2);
    read = y.data();
    read.catch(() => {}); // handled below
    return { y };
  }, { name: "mine" });
  const x = tensorOf([2, 3], 1);
  tf.dispose(await compiled({ x }));
  await assert.rejects(read, onHost);
  compiled.dispose();
  x.dispose();
});

Deno.test("compile() refuses to freeze the value of an older tensor", async () => {
  const rate = tf.tidy(() => tf.variable(tf.add(0.1, 0)));
  await refused(
    ({ x }) => ({ y: tf.mul(x, rate.dataSync()[0]) }),
    /reads a tensor older than the step/,
  );
  rate.dispose();
});

Deno.test("compile() lets a step read what it made on the host itself", async () => {
  const compiled = compile(({ x }: tf.NamedTensorMap) => ({
    y: tf.mul(x, tf.scalar(3).dataSync()[0]),
  }));
  const x = tf.scalar(2);
  const { y } = await compiled({ x });
  assert.deepEqual([...await y.data()], [6]);
  compiled.dispose();
  tf.dispose([x, y]);
});

Deno.test("compile() refuses a tensor that escapes", async () => {
  let escaped: tf.Tensor | undefined;
  await assert.rejects(async () => {
    const compiled = compile(({ x }: tf.NamedTensorMap) => {
      escaped = tf.mul(x, 2);
      escaped.kept = true; // not by tf.keep(), whose tensors are disposed
      return { y: tf.add(x, 1) };
    }, { name: "mine" });
    const x = tf.scalar(2);
    try {
      await compiled({ x });
    } finally {
      x.dispose();
    }
  }, /step 'mine': it keeps a tensor of shape \[\] made by Mul/);
  assert.throws(
    () => tf.add(escaped!, 1),
    /Cannot use tensor: it was made by Mul .* while step 'mine' was recorded/,
  );
  escaped!.dispose();
});

Deno.test("compile() refuses an op whose output's shape depends on values", async () => {
  await refused(
    ({ x }) => ({ y: tf.unique(tf.reshape(x, [6])).values }),
    /Cannot record UniqueV2 in step 'mine': the shape of its output depends/,
  );
});

Deno.test("compile() refuses an op with a random state of its own", async () => {
  await refused(
    ({ x }) => ({ y: tf.multinomial(tf.reshape(x, [6]) as tf.Tensor1D, 3, 5) }),
    /Cannot record Multinomial in step 'mine': what it gives depends on more than its inputs.* seed is an input/,
  );
});

Deno.test("compile() names the op that TensorFlow refuses", async () => {
  await refused(
    ({ x }) => ({
      y: tf.engine().runKernel("PaddedConv2D", { x, filter: x }, {
        strides: [1, 1],
        pads: [0, 0, 0, 0],
      }) as tf.Tensor,
    }),
    /Cannot record Conv2D on \[2,3\], \[2,3\] in step 'mine': .*rank 4/,
  );
});

Deno.test("compile() passes on an error of the step, and restores its variables", async () => {
  const state = tf.tidy(() => tf.variable(tf.add(1, 0) as tf.Scalar));
  await refused(({ x }) => {
    state.assign(tf.sum(x) as tf.Scalar);
    throw new RangeError("my own");
  }, { name: "RangeError", message: /my own/ });
  assert.deepEqual([...await state.data()], [1]);
  state.dispose();
});

Deno.test("compile() refuses variables made or disposed in the step", async () => {
  await refused(
    ({ x }) => ({ y: tf.add(tf.variable(tf.scalar(1), true, "fresh"), x) }),
    /step 'mine': it makes the variable 'fresh'/,
  );
  const state = tf.tidy(() => tf.variable(tf.scalar(1), true, "old"));
  const compiled = compile(({ x }: tf.NamedTensorMap) => {
    state.dispose();
    return { y: tf.add(x, 1) };
  });
  const x = tf.scalar(1);
  await assert.rejects(compiled({ x }), /it disposes the variable 'old'/);
  x.dispose();
});

Deno.test("compile() leaves nothing behind when a step fails after it made and kept tensors", async () => {
  const names = () => Object.keys(tf.engine().state.registeredVariables);
  const before = names();
  const weight = tf.tidy(() => tf.variable(tf.add(1, 0) as tf.Scalar));
  for (let call = 0; call < 2; call++) { // the name must be free again
    await refused(({ x }) => {
      tf.keep(tf.reshape(tf.mul(x, 2), [6]));
      tf.tidy(() => tf.keep(tf.tensor1d([1, 2, 3])));
      tf.variable(tf.sum(x), true, "made before the error");
      throw new Error("my own");
    }, /my own/);
    // Of a gradient tfjs keeps what it needs, and forgets it where it fails.
    await refused(({ x }) => {
      tf.variableGrads(() => {
        tf.square(tf.mul(weight, x));
        throw new Error("my own");
      }, [weight]);
      return { x };
    }, /my own/);
  }
  await refused(({ x }) => {
    tf.keep(tf.mul(x, 2));
    return { y: tf.add(x, 1) };
  }, /it keeps a tensor of shape \[2,3\] made by Mul/);
  weight.dispose();
  assert.deepEqual(names(), before);
});

Deno.test("compile() with check finds what is drawn or counted on the host", async () => {
  const check = { check: true };
  await refused(
    ({ x }) => ({ y: tf.add(x, tf.randomUniform([2, 3])) }),
    /step 'mine': recorded twice it is not the same, first a constant/,
    check,
  );
  let count = 0;
  await refused(
    ({ x }) => ({ y: tf.mul(x, ++count) }),
    /first a constant of shape \[\], 1….*then a constant of shape \[\], 2…/,
    check,
  );
  await refused(
    ({ x }) => ({ y: tf.leakyRelu(x, ++count) }),
    /first LeakyRelu with .*"value":3.*then LeakyRelu with .*"value":4/,
    check,
  );
});

Deno.test("compile() reports an op that fails in a replay, and the engine goes on", async () => {
  const pick = compile(({ x, at }: tf.NamedTensorMap) => ({
    y: tf.gather(x, at as tf.Tensor1D),
  }), { name: "pick" });
  const x = tf.tensor1d([1, 2, 3]);
  const [good, bad] = [tf.tensor1d([2], "int32"), tf.tensor1d([7], "int32")];
  const before = engine.memory();
  await assert.rejects(
    pick({ x, at: bad }),
    /Cannot run step 'pick': .*7 is not in \[0, 3\)/s,
  );
  const { y } = await pick({ x, at: good });
  assert.deepEqual([...await y.data()], [3]);
  y.dispose();
  assert.equal(engine.memory().tensors, before.tensors);
  pick.dispose();
  tf.dispose([x, good, bad]);
});
