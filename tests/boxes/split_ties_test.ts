import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { maximumSplitTies, minimumSplitTies } from "ldlab/boxes/split_ties.ts";
import { everywhere } from "../everywhere.ts";

const a = { shape: [2, 2], data: [1, 2, 3, -1e4] };
const b = { shape: [2, 2], data: [2, 2, 1, 1e4] };

// Expected gradients: the rule of torch.max and torch.min, half each at a tie.
Deno.test("maximumSplitTies() gives half the gradient to each side of a tie", async () => {
  const f = ({ a, b }: Record<string, tf.Tensor>) => maximumSplitTies(a, b);
  for (const [place, found] of await everywhere(f, { a, b }, ["a", "b"])) {
    assert.deepEqual([...found.value], [2, 2, 3, 1e4], place);
    assert.deepEqual([...found.gradients.a], [0, 0.5, 1, 0], place);
    assert.deepEqual([...found.gradients.b], [1, 0.5, 0, 1], place);
  }
});

Deno.test("minimumSplitTies() gives half the gradient to each side of a tie", async () => {
  const f = ({ a, b }: Record<string, tf.Tensor>) => minimumSplitTies(a, b);
  for (const [place, found] of await everywhere(f, { a, b }, ["a", "b"])) {
    assert.deepEqual([...found.value], [1, 2, 1, -1e4], place);
    assert.deepEqual([...found.gradients.a], [1, 0.5, 0, 1], place);
    assert.deepEqual([...found.gradients.b], [0, 0.5, 1, 0], place);
  }
});

Deno.test("maximumSplitTies() and minimumSplitTies() refuse to broadcast", () => {
  const [x, y] = [tf.zeros([2, 3]), tf.zeros([3])];
  assert.throws(() => maximumSplitTies(x, y), {
    name: "TypeError",
    message:
      "Cannot take the maximum: second input must be [2, 3] like the first: current shape is [3]",
  });
  assert.throws(() => minimumSplitTies(x, y), TypeError);
});
