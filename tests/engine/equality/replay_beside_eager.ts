import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/compile.ts";
import type { EqualityCase } from "./equality_case.ts";

/** One tensor after a step, as the two ways gave it. */
export interface Pair {
  /** `call 3: result loss`. */
  readonly what: string;
  readonly eager: Float32Array | Int32Array;
  readonly replayed: Float32Array | Int32Array;
}

/**
 * Runs a step eagerly and compiled, and gives every result and every variable
 * after each call. Fails where the two give different names, types or shapes,
 * where the step is recorded twice, and where tensors are left.
 *
 * @param options.calls How many.
 * @param options.sameState Whether the compiled step starts each call from the
 * eager one's state, so that differences don't add up.
 */
export async function* replayBesideEager(
  prepare: EqualityCase,
  { calls, sameState }: { calls: number; sameState: boolean },
): AsyncGenerator<Pair> {
  const before = tf.memory().numTensors;
  const eager = prepare();
  const recorded = prepare();
  const compiled = compile(recorded.step);
  for (let call = 0; call < calls; call++) {
    if (sameState) copy(eager.state, recorded.state);
    const inputs = eager.inputs(call);
    const expected = tf.tidy(() => eager.step(inputs));
    const actual = await compiled(inputs);
    yield* pairs(`call ${call}: result`, expected, actual);
    yield* pairs(
      `call ${call}: state`,
      Object.fromEntries(eager.state),
      Object.fromEntries(recorded.state),
    );
    tf.dispose([inputs, expected, actual]);
  }
  assert.equal(compiled.statistics.recordings, 1);
  compiled.dispose();
  tf.dispose([...eager.state.values(), ...recorded.state.values()]);
  assert.equal(tf.memory().numTensors, before, "tensors are left");
}

function copy(
  from: ReadonlyMap<string, tf.Variable>,
  to: ReadonlyMap<string, tf.Variable>,
): void {
  for (const [name, variable] of to) {
    // A tensor of its own: two variables of one tensor could not be told apart.
    tf.tidy(() => variable.assign(tf.add(from.get(name)!, 0)));
  }
}

async function* pairs(
  where: string,
  expected: tf.NamedTensorMap,
  actual: tf.NamedTensorMap,
): AsyncGenerator<Pair> {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
  for (const [name, tensor] of Object.entries(expected)) {
    const other = actual[name];
    const what = `${where} ${name}`;
    assert.deepEqual(other.shape, tensor.shape, what);
    assert.equal(other.dtype, tensor.dtype, what);
    const [eager, replayed] = await Promise.all([tensor.data(), other.data()]);
    yield { what, eager, replayed } as Pair;
  }
}
