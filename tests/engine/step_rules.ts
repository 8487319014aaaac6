/** What a compiled step does on every backend, recorded or not. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";

type Step = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

async function values(outputs: tf.NamedTensorMap): Promise<number[][]> {
  return await Promise.all(
    Object.values(outputs).map(async (t) => [...await t.data()]),
  );
}

/** Rules by name; each leaves no tensor behind. */
export const stepRules: Record<string, () => Promise<void>> = {
  "gives inputs, captures and repeated outputs back as tensors of their own":
    async () => {
      const older = tf.tensor1d([7, 8]);
      const state = tf.tidy(() => tf.variable(tf.scalar(5)));
      const step = compile(({ x }: { x: tf.Tensor }) => {
        const y = tf.add(x, 1);
        return { x, older, state: state as tf.Tensor, y, again: y };
      });
      const x = tf.tensor1d([1, 2]);
      for (let call = 0; call < 2; call++) {
        const { y, ...others } = await step({ x });
        assert.deepEqual([...await y.data()], [2, 3]);
        y.dispose(); // leaves `again` alone
        assert.deepEqual(await values(others), [[1, 2], [7, 8], [5], [2, 3]]);
        tf.dispose(others);
      }
      assert.deepEqual([...await older.data(), ...await x.data()], [
        7,
        8,
        1,
        2,
      ]);
      assert.deepEqual([...await state.data()], [5]);
      step.dispose();
      tf.dispose([x, older, state]);
    },

  "gives a variable that is its input the value of the start": async () => {
    const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const step = compile(({ x }: { x: tf.Tensor }) => {
      weight.assign(tf.add(weight, x));
      return { x, weight: weight as tf.Tensor, moved: tf.sub(weight, x) };
    });
    for (const expected of [[1, 2], [2, 4]]) {
      const outputs = await step({ x: weight });
      const doubled = expected.map((value) => 2 * value);
      assert.deepEqual(await values(outputs), [expected, doubled, expected]);
      tf.dispose(outputs);
    }
    assert.deepEqual([...await weight.data()], [4, 8]);
    step.dispose();
    weight.dispose();
  },

  "lets the caller dispose its inputs, and change their arrays, right after the call":
    async () => {
      const step = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.add(x, 1) }));
      const results = [1, 2, 3].map((value) => {
        const array = Float32Array.of(value);
        const x = tf.tensor1d(array);
        const result = step({ x });
        x.dispose();
        array.fill(99);
        return result;
      });
      for (const [i, { y }] of (await Promise.all(results)).entries()) {
        assert.deepEqual([...await y.data()], [i + 2]);
        y.dispose();
      }
      step.dispose();
    },

  "keeps outputs that the step kept": async () => {
    const step = compile(({ x }: { x: tf.Tensor }) => ({
      y: tf.keep(tf.add(x, 1)),
    }));
    const x = tf.scalar(1);
    for (let call = 0; call < 2; call++) {
      const { y } = await step({ x });
      assert.deepEqual([...await y.data()], [2]);
      y.dispose();
    }
    step.dispose();
    x.dispose();
  },

  "leaves its outputs alone when the caller's tf.tidy() ends": async () => {
    const step = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.add(x, 1) }));
    const x = tf.scalar(1);
    let call: Promise<{ y: tf.Tensor }> | undefined;
    tf.tidy(() => void (call = step({ x })));
    const { y } = await call!;
    assert.deepEqual([...await y.data()], [2]);
    step.dispose();
    tf.dispose([x, y]);
  },

  "takes tensors from a step that disposes its input": async () => {
    const step = compile(({ x }: { x: tf.Tensor }) => {
      const y = tf.add(x, 1);
      x.dispose();
      return { y };
    });
    const x = tf.scalar(1);
    const outputs = await step({ x });
    assert.deepEqual([...await values(outputs), ...await values({ x })], [
      [2],
      [1],
    ]);
    step.dispose();
    tf.dispose([x, outputs]);
  },

  "refuses inputs that are no tensors by name, and says which": async () => {
    const step = compile(({ x }: tf.NamedTensorMap) => ({ x }), {
      name: "mine",
    });
    const disposed = tf.scalar(1);
    disposed.dispose();
    const x = tf.scalar(1);
    for (
      const [inputs, problem] of [
        [{ x: [1] }, "'x' is object"],
        [{ x: null }, "'x' is null"],
        [{ x, y: disposed }, "'y' was disposed"],
        [x, "current value is a single tensor"],
        [undefined, "current value is undefined"],
      ]
    ) {
      await assert.rejects(step(inputs as unknown as tf.NamedTensorMap), {
        name: "TypeError",
        message: `Cannot run step 'mine': inputs must be tensors by name: ` +
          problem,
      });
    }
    step.dispose();
    x.dispose();
  },

  "refuses outputs that are no tensors by name, and says which": async () => {
    const x = tf.tidy(() => tf.add(1, 1));
    const disposed = (x: tf.Tensor) => {
      const y = tf.add(x, 1);
      y.dispose();
      return y;
    };
    const outputs = /outputs must be tensors by name/;
    for (
      const [step, message] of [
        [({ x }) => ({ x, y: 3 }), /'y' is number/],
        [({ x }) => ({ y: { z: x } }), /'y' is object/],
        [({ x }) => ({ y: disposed(x) }), /'y' was disposed/],
        [({ x }) => tf.add(x, 1), /current value is a single tensor/],
        [({ x }) => void tf.add(x, 1), /current value is undefined/],
        [
          // The rest of an asynchronous step fails, which nobody must handle.
          async () => {
            await null;
            throw new Error("later");
          },
          /returns a promise. A step must not be async/,
        ],
      ] as [(inputs: tf.NamedTensorMap) => unknown, RegExp][]
    ) {
      const compiled = compile(step as Step, { name: "mine" });
      await assert.rejects(compiled({ x }), (error: Error) => {
        assert.equal(error.name, "TypeError");
        assert.match(error.message, /^Cannot run step 'mine': /);
        assert.match(error.message, message);
        const isPromise = error.message.includes("promise");
        return isPromise || outputs.test(error.message);
      });
      await new Promise((resolve) => setTimeout(resolve, 0));
      compiled.dispose();
    }
    x.dispose();
  },

  "leaves nothing behind when the step fails after it made tensors to stay":
    async () => {
      const weight = tf.tidy(() => tf.variable(tf.add(1, 0) as tf.Scalar));
      const x = tf.tidy(() => tf.add(1, 1));
      const fails: Step[] = [
        ({ x }) => {
          tf.keep(tf.reshape(tf.mul(x, 2), [1]));
          tf.tidy(() => tf.keep(tf.tensor1d([1, 2, 3])));
          tf.variable(tf.sum(x), true, "made before the error");
          throw new Error("my own");
        },
        // Of a gradient tfjs keeps what it needs, and forgets it where it fails.
        ({ x }) => {
          tf.variableGrads(() => {
            tf.square(tf.mul(weight, x));
            throw new Error("my own");
          }, [weight]);
          return { x };
        },
        ({ x }) => {
          const y = tf.keep(tf.mul(x, 2));
          return { y, wrong: 3 as unknown as tf.Tensor };
        },
      ];
      for (const fail of [...fails, ...fails]) { // the name is free again
        const step = compile(fail, { name: "mine" });
        const { numTensors } = tf.memory();
        await assert.rejects(step({ x }), /my own|'wrong' is number/);
        assert.equal(tf.memory().numTensors, numTensors);
        step.dispose();
      }
      tf.dispose([weight, x]);
    },

  "refuses a compiled step inside of a step": async () => {
    const inner = compile(({ x }: tf.NamedTensorMap) => ({ x }), {
      name: "inner",
    });
    const outer = compile(({ x }: tf.NamedTensorMap) => {
      inner({ x });
      return { x };
    }, { name: "outer" });
    const x = tf.scalar(1);
    await assert.rejects(
      outer({ x }),
      /step 'outer': it calls the compiled step 'inner'/,
    );
    const { x: same } = await inner({ x });
    assert.deepEqual([...await same.data()], [1]);
    inner.dispose();
    outer.dispose();
    tf.dispose([x, same]);
  },
};
