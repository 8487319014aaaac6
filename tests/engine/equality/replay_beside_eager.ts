import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "ldlab/engine/compile.ts";
import type { EqualityCase } from "./equality_case.ts";

/** One tensor after a call, as the two ways gave it. */
export interface Pair {
  readonly eager: Float32Array | Int32Array;
  readonly replayed: Float32Array | Int32Array;
}

/**
 * Runs a step eagerly and compiled, and gives every result and every variable
 * after each call, by name (`call 3: result loss`). Fails where the two give
 * different names, types or shapes, where a value is not finite, where two
 * recordings differ, where a call records anew, and where tensors are left.
 *
 * @param options.calls How many.
 * @param options.sameState Whether the compiled step starts each call from the
 * eager one's state, so that differences don't add up.
 * @param options.xla Whether XLA compiles it.
 */
export async function* replayBesideEager(
  prepare: EqualityCase,
  { calls, sameState, xla = false }: {
    calls: number;
    sameState: boolean;
    xla?: boolean;
  },
): AsyncGenerator<Map<string, Pair>> {
  const before = tf.memory().numTensors;
  const eager = prepare();
  const recorded = prepare();
  const compiled = compile(recorded.step, {
    check: true,
    xla,
    onNotice: () => {},
  });
  for (let call = 0; call < calls; call++) {
    if (sameState) copy(eager.state, recorded.state);
    const inputs = eager.inputs(call);
    const expected = tf.tidy(() => eager.step(inputs));
    const actual = await compiled(inputs);
    yield new Map([
      ...await pairs(`call ${call}: result`, expected, actual),
      ...await pairs(
        `call ${call}: state`,
        Object.fromEntries(eager.state),
        Object.fromEntries(recorded.state),
      ),
    ]);
    tf.dispose([inputs, expected, actual]);
  }
  assert.equal(compiled.statistics.recordings, 1);
  compiled.dispose();
  for (const { state, held } of [eager, recorded]) {
    tf.dispose([...state.values(), ...held ?? []]);
  }
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

async function pairs(
  where: string,
  expected: tf.NamedTensorMap,
  actual: tf.NamedTensorMap,
): Promise<Map<string, Pair>> {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
  const found = new Map<string, Pair>();
  for (const [name, tensor] of Object.entries(expected)) {
    const other = actual[name];
    const what = `${where} ${name}`;
    assert.deepEqual(other.shape, tensor.shape, what);
    assert.equal(other.dtype, tensor.dtype, what);
    const [eager, replayed] = await Promise.all(
      [tensor, other].map((t) => t.data<"float32" | "int32">()),
    );
    assert.ok(eager.every(Number.isFinite), `${what} is not finite`);
    found.set(what, { eager, replayed });
  }
  return found;
}
