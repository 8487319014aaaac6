import { createEvaluationLoader, type ImageRecord } from "../lib/data/mod.ts";
import { liveTeacher } from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";
import { readSplits } from "./data.ts";
import type { RunStore } from "./store.ts";
import { openDetector } from "./weights.ts";

/** What a detector says about one image. */
export interface ImageOutputs {
  readonly record: ImageRecord;
  /** [A, C]. */
  readonly classLogits: Float32Array;
  /** [A, 4, n]. */
  readonly boxLogits: Float32Array;
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
  const forward = liveTeacher(detector, input);
  const outputs: ImageOutputs[] = [];
  try {
    const batchSize = Math.min(run.config.batchSize, dataset.images.length);
    const loader = createEvaluationLoader({ dataset, ...input, batchSize });
    for await (const batch of loader) {
      const logits = await forward.of({
        images: batch.images,
        keys: [...batch.ids],
      });
      const [classes, boxes] = await Promise.all([
        logits.classLogits.data<"float32">(),
        logits.boxLogits.data<"float32">(),
      ]);
      logits.classLogits.dispose();
      logits.boxLogits.dispose();
      const ofRow = (all: Float32Array, row: number) =>
        all.slice(
          row * all.length / batchSize,
          (row + 1) * all.length / batchSize,
        );
      for (let row = 0; row < batch.count; row++) {
        outputs.push({
          record: dataset.images[batch.indices[row]],
          classLogits: ofRow(classes, row),
          boxLogits: ofRow(boxes, row),
        });
      }
    }
    return outputs;
  } finally {
    forward.dispose();
    detector.dispose();
  }
}
