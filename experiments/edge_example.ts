import { makeAnchors } from "../lib/boxes/mod.ts";
import {
  createEvaluationLoader,
  type Dataset,
  type EvaluationBatch,
  type ImageRecord,
  loadImage,
} from "../lib/data/mod.ts";
import { assignAtss } from "../lib/regions/mod.ts";
import { dataUri, type EdgeExample, encodePng } from "../lib/report/mod.ts";
import { softened } from "../lib/report/edge_softening.ts";
import { liveTeacher } from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";
import { readSplits } from "./data.ts";
import type { RunStore } from "./store.ts";
import { openDetector } from "./weights.ts";

/** A finished run under the name that a figure gives it. */
export interface NamedRun {
  readonly name: string;
  readonly config: RunConfig;
  readonly seed: number;
}

/** Images of the test split that are searched for an example. */
const SEARCHED = 8;
/** What the first detector must be sure of: that there is an object. */
const SURE = 0.5;

/**
 * Finds a box to show softened edge distributions of: among the objects in the
 * first test images that the first detector is sure of (all, if it is of none),
 * the one with an edge it is least sure of, by the edge's entropy.
 *
 * @param runs Finished runs with the same data, the teacher first.
 * @param store Where they are.
 * @returns The image, the location and what each detector says there.
 */
export async function edgeExample(
  runs: readonly NamedRun[],
  store: RunStore,
): Promise<EdgeExample> {
  const { width, height } = runs[0].config.data;
  const { test } = await readSplits(runs[0].config.data, () => {});
  const batch = await firstBatch(test, { width, height });
  const logits: Awaited<ReturnType<typeof logitsOf>>[] = [];
  for (const { config, seed } of runs) {
    logits.push(
      await logitsOf(await openDetector({ config, seed, store }), batch, {
        width,
        height,
      }),
    );
  }

  const anchors = makeAnchors({ width, height });
  const numClasses = test.classes.length;
  const [{ classes, boxes }] = logits;
  const bins = boxes.length / (batch.images.length / (width * height * 3)) /
    anchors.count / 4;
  let best: Candidate | undefined;
  for (let image = 0; image < batch.count; image++) {
    const record = test.images[batch.indices[image]];
    const truth = scaledBoxes(record, batch.scales[image]);
    const { gtIndex } = assignAtss(
      anchors,
      { boxes: truth, labels: record.labels },
      { numClasses },
    );
    gtIndex.forEach((object, anchor) => {
      if (object < 0) return;
      const row = image * anchors.count + anchor;
      const label = record.labels[object];
      const score = sigmoid(classes[row * numClasses + label]);
      const entropies = edgesAt(boxes, row, bins).map(entropy);
      const candidate = {
        row,
        anchor,
        record,
        sure: score > SURE,
        entropy: Math.max(...entropies),
        truth: [...truth.subarray(object * 4, object * 4 + 4)],
      };
      if (best === undefined || better(candidate, best)) best = candidate;
    });
  }
  if (best === undefined) {
    throw new RangeError(
      `Cannot show edge distributions: none of the first ${batch.count} images ` +
        `of ${test.name} has a positive location`,
    );
  }
  const { row, anchor, record, truth } = best;
  return {
    image: { source: await imageUri(record), width, height },
    name: record.id,
    location: [anchors.centers[anchor * 2], anchors.centers[anchor * 2 + 1]],
    stride: anchors.strides[anchor],
    truth,
    models: runs.map(({ name }, index) => ({
      name,
      logits: edgesAt(logits[index].boxes, row, bins),
    })),
  };
}

interface Candidate {
  readonly row: number;
  readonly anchor: number;
  readonly record: ImageRecord;
  readonly sure: boolean;
  readonly entropy: number;
  readonly truth: readonly number[];
}

const better = (a: Candidate, b: Candidate) =>
  a.sure !== b.sure ? a.sure : a.entropy > b.entropy;

async function firstBatch(
  dataset: Dataset,
  input: { width: number; height: number },
): Promise<EvaluationBatch> {
  const batchSize = Math.min(SEARCHED, dataset.images.length);
  const loader = createEvaluationLoader({ dataset, ...input, batchSize });
  for await (const batch of loader) return batch; // leaving closes the loader
  throw new RangeError(`Cannot show an image: ${dataset.name} has none`);
}

async function logitsOf(
  detector: Awaited<ReturnType<typeof openDetector>>,
  batch: EvaluationBatch,
  input: { width: number; height: number },
): Promise<{ classes: Float32Array; boxes: Float32Array }> {
  const forward = liveTeacher(detector, input);
  const { classLogits, boxLogits } = await forward.of({
    images: batch.images,
    keys: [...batch.ids],
  });
  const [classes, boxes] = await Promise.all([
    classLogits.data<"float32">(),
    boxLogits.data<"float32">(),
  ]);
  classLogits.dispose();
  boxLogits.dispose();
  forward.dispose();
  detector.dispose();
  return { classes, boxes };
}

function scaledBoxes(
  { boxes }: ImageRecord,
  { x, y }: { x: number; y: number },
): Float32Array {
  return boxes.map((value, i) => value * (i % 2 === 0 ? x : y));
}

/** The logits of the four edges at one location: 4 × n. */
function edgesAt(
  boxLogits: Float32Array,
  row: number,
  bins: number,
): Float32Array[] {
  return [0, 1, 2, 3].map((side) => {
    const from = (row * 4 + side) * bins;
    return boxLogits.slice(from, from + bins);
  });
}

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

/** Entropy of softmax(logits), in nats. */
function entropy(logits: Float32Array): number {
  return softened(logits, 1)
    .reduce((sum, p) => p > 0 ? sum - p * Math.log(p) : sum, 0);
}

async function imageUri(record: ImageRecord): Promise<string> {
  if (record.scene) {
    const image = await loadImage(record);
    return dataUri(encodePng(image.data, image), "image/png");
  }
  return dataUri(await Deno.readFile(record.path), "image/jpeg");
}
