import { createEvaluationLoader, type ImageRecord } from "../lib/data/mod.ts";
import { type ImageLogits, imageLogits } from "../lib/eval/mod.ts";
import type { RunConfig } from "./config.ts";
import { readSplits } from "./data.ts";
import type { RunStore } from "./store.ts";
import { openDetector } from "./weights.ts";

/** What a detector says about one image. */
export interface ImageOutputs extends ImageLogits {
  readonly record: ImageRecord;
}

/**
 * What the detector of a finished run says about images of its test split.
 *
 * @param run Its config and seed.
 * @param options.store Where it is.
 * @param options.choose Chooses one or more of the split's images; all unless
 * given.
 * @returns The images in the order in which they were chosen.
 * @throws {Error} If the run's weights are missing, altered or another run's.
 */
export async function testOutputs(
  run: { readonly config: RunConfig; readonly seed: number },
  { store, choose = (images) => images }: {
    store: RunStore;
    choose?: (images: readonly ImageRecord[]) => readonly ImageRecord[];
  },
): Promise<ImageOutputs[]> {
  const { test } = await readSplits(run.config.data, () => {});
  const dataset = { ...test, images: choose(test.images) };
  const detector = await openDetector({ ...run, store });
  try {
    const batchSize = Math.min(run.config.batchSize, dataset.images.length);
    const batches = createEvaluationLoader({
      dataset,
      input: run.config.input,
      batchSize,
    });
    const outputs: ImageOutputs[] = [];
    const detectors = [detector];
    for await (
      const { logits: [said], index } of imageLogits({ detectors, batches })
    ) {
      outputs[index] = { record: dataset.images[index], ...said };
    }
    return outputs;
  } finally {
    detector.dispose();
  }
}
