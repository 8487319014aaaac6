import { makeAnchors } from "../lib/boxes/mod.ts";
import type { ImageRecord } from "../lib/data/mod.ts";
import type { EdgeExample } from "../lib/report/mod.ts";
import type { RunConfig } from "./config.ts";
import { edgesAt, searchEdges, type SeenObject } from "./edge_search.ts";
import { imageSource } from "./image_source.ts";
import type { RunStore } from "./store.ts";
import { stretchedSize } from "./stretched_size.ts";
import { type ImageOutputs, testOutputs } from "./test_outputs.ts";

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
  const { config } = runs[0];
  const input = stretchedSize(config);
  const outputs: ImageOutputs[][] = [];
  for (const run of runs) {
    const choose = (images: readonly ImageRecord[]) =>
      images.slice(0, SEARCHED);
    outputs.push(await testOutputs(run, { store, choose }));
  }
  const objects = await searchEdges(outputs[0], {
    input,
    numClasses: config.model.numClasses,
  });
  if (objects.length === 0) {
    throw new RangeError(
      `Cannot show edge distributions: none of the first ${
        outputs[0].length
      } test images has a positive location`,
    );
  }
  const { image, anchor, truth } = objects.reduce((best, object) =>
    better(object, best) ? object : best
  );
  const { record } = outputs[0][image];
  const anchors = makeAnchors(input);
  return {
    image: { source: await imageSource(record), ...input },
    name: record.id,
    location: [anchors.centers[anchor * 2], anchors.centers[anchor * 2 + 1]],
    stride: anchors.strides[anchor],
    truth,
    models: runs.map(({ name }, index) => ({
      name,
      logits: edgesAt(outputs[index][image], { anchor, anchors }),
    })),
  };
}

const better = (a: SeenObject, b: SeenObject) =>
  a.score > SURE !== b.score > SURE
    ? a.score > SURE
    : Math.max(...a.entropies) > Math.max(...b.entropies);
