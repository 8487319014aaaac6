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
  const { width, height } = run.config.data;
  const input = { width, height };
  const { test } = await readSplits(run.config.data, () => {});
  const dataset = { ...test, images: choose(test.images) };
  const detector = await openDetector({ ...run, store });
  try {
    const batchSize = Math.min(run.config.batchSize, dataset.images.length);
    const batches = createEvaluationLoader({
      dataset,
      input: { kind: "stretch", ...input },
      batchSize,
    });
    const outputs: ImageOutputs[] = [];
    const detectors = [detector];
    for await (
      const { logits: [said] } of imageLogits({ detectors, batches, input })
    ) {
      outputs.push({ record: dataset.images[outputs.length], ...said });
    }
    return outputs;
  } finally {
    detector.dispose();
  }
}
