import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { Pointer } from "ldlab/engine/c_api.ts";
import { divideGraph } from "ldlab/engine/divide_graph.ts";
import type { GraphOutput, RecordedNode } from "ldlab/engine/graph.ts";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { optimizedGraphs } from "ldlab/engine/optimized_graph.ts";

const engine = await openEngine({ backend: "tensorflow" });

Deno.test("divideGraph() tells apart what follows from lasting values, what does not, and what nothing needs", () => {
  const nodes: RecordedNode[] = [];
  const names = new Map<Pointer, string>();
  const output = (name: string): GraphOutput => {
    const operation = {} as Pointer;
    names.set(operation, name);
    return { operation, index: 0 };
  };
  const node = (name: string, ...inputs: GraphOutput[]): GraphOutput => {
    const made = output(name);
    nodes.push({ operation: made.operation, inputs, outputs: [made] });
    return made;
  };
  const x = output("x");
  const weight = output("weight");
  const two = node("two");
  const doubled = node("doubled", weight, two);
  const squared = node("squared", doubled);
  const product = node("product", x, squared);
  const sum = node("sum", product, two);
  const direct = node("direct", x, weight);
  node("unused", squared, x);

  const { lasting, rest } = divideGraph(nodes, [x], [weight], [sum, direct]);
  const told = (operations: readonly Pointer[]) =>
    operations.map((operation) => names.get(operation));
  assert.deepEqual(told(lasting.operations), ["two", "doubled", "squared"]);
  assert.deepEqual(lasting.outputs, [squared]);
  assert.ok(lasting.uses.has(weight) && !lasting.uses.has(x));
  assert.deepEqual(told(rest.operations), ["two", "product", "sum", "direct"]);
  assert.ok(rest.uses.has(weight));
});

Deno.test("compile() computes what follows from variables alone once, and anew when one changed", async () => {
  const before = engine.memory();
  const weight = variable([1, 2]);
  const offset = variable([10, 20]);
  const step = compile(({ x }: { x: tf.Scalar }) => ({
    y: tf.add(tf.mul(tf.exp(weight), x), tf.square(offset)),
  }));
  const x = tf.scalar(2);
  const run = async () => {
    const { y } = await step({ x });
    const values = [...await y.data()];
    y.dispose();
    return values;
  };
  const expected = (w: number[], o: number[]) =>
    w.map((value, i) => Math.fround(Math.exp(value)) * 2 + o[i] ** 2);
  const check = (values: number[], wanted: number[]) =>
    values.forEach((value, i) =>
      assert.ok(Math.abs(value - wanted[i]) < 1e-4 * wanted[i], `${values}`)
    );
  const graphs = await optimizedGraphs(async () => {
    check(await run(), expected([1, 2], [10, 20]));
  });
  const ops = graphs.map((nodes) => nodes.map(({ op }) => op));
  assert.equal(ops.length, 2);
  assert.ok(ops[0].includes("Exp") && ops[0].includes("Square"));
  assert.ok(!ops[1].includes("Exp") && !ops[1].includes("Square"));
  check(await run(), expected([1, 2], [10, 20]));

  const kept = engine.memory().handles;
  increment(offset);
  check(await run(), expected([1, 2], [11, 21]));
  increment(weight);
  check(await run(), expected([2, 3], [11, 21]));
  assert.equal(step.statistics.recordings, 1);
  assert.equal(engine.memory().handles, kept, "former results were freed");
  step.dispose();
  tf.dispose([weight, offset, x]);
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() computes what follows from a variable that the step assigns in every call", async () => {
  const weight = tf.variable(tf.scalar(1));
  const step = compile(({ x }: { x: tf.Scalar }) => {
    const y = tf.mul(tf.exp(weight), x);
    weight.assign(tf.add(weight, 1) as tf.Scalar);
    return { y };
  });
  const x = tf.scalar(1);
  for (const power of [1, 2, 3]) {
    const { y } = await step({ x });
    const [value] = await y.data();
    assert.ok(Math.abs(value - Math.exp(power)) < 1e-5 * value, `${value}`);
    y.dispose();
  }
  step.dispose();
  tf.dispose([weight, x]);
});

function variable(values: number[]): tf.Variable {
  const start = tf.tensor1d(values);
  const made = tf.variable(start);
  start.dispose();
  return made;
}

function increment(variable: tf.Variable): void {
  const next = tf.add(variable, 1);
  variable.assign(next);
  next.dispose();
}
