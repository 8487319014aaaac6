import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { ambiguousEdges } from "../../../experiments/building_blocks/ambiguous_edges.ts";
import { readSplits } from "../../../experiments/data.ts";
import { SCALES } from "../../../experiments/scales.ts";
import { stretchedSize } from "../../../experiments/stretched_size.ts";

// deno-lint-ignore no-explicit-any
type Trace = any;
const BINS = 3;

Deno.test("ambiguousEdges() finds the flattest and the sharpest edges, one an image", async () => {
  await openEngine();
  const config = SCALES.smoke.student;
  const { test } = await readSplits(config.data, () => {});
  const { count } = makeAnchors(stretchedSize(config));
  // The flatter, the later the image: z of the middle bin falls from 9 to 2.
  const outputs = test.images.slice(0, 8).map((record, image) => ({
    record,
    classLogits: new Float32Array(count * config.model.numClasses).fill(4),
    boxLogits: Float32Array.from(
      { length: count * 4 * BINS },
      (_logit, at) => at % BINS === 1 ? 9 - image : 0,
    ),
  }));
  const { data } = await ambiguousEdges(config, outputs);
  const told: string[] = data.filter(({ type }) => type === "bar")
    .map((trace: Trace) => `${trace.name} ${trace.meta.text}`);
  assert.equal(told.length, 8);
  const images = (group: RegExp) =>
    told.filter((text) => group.test(text)).map((text) => {
      const id = text.match(/ in (\S+)$/)![1];
      return outputs.findIndex(({ record }) => record.id === id);
    });
  assert.deepEqual(images(/^The most ambiguous/), [7, 6, 5, 4]);
  assert.deepEqual(images(/^The sharpest/), [0, 1, 2, 3]);
  // exp(2) against two of exp(0): H = ln S − 2 e² / S nats, S = e² + 2.
  const sum = Math.exp(2) + 2;
  const entropy = Math.log(sum) - 2 * Math.exp(2) / sum;
  assert.match(told[0], new RegExp(`entropy ${entropy.toFixed(2)} nats`));
});
