import { makeAnchors } from "../lib/boxes/mod.ts";
import { createEvaluationLoader } from "../lib/data/mod.ts";
import type { Detector } from "../lib/detectors/mod.ts";
import type { OnRecord } from "../lib/engine/mod.ts";
import { evaluateCocoInWorker, predict } from "../lib/eval/mod.ts";
import type { RunConfig } from "./config.ts";
import type { Splits } from "./data.ts";

/**
 * Measures a detector on the test split, and leaves the event loop free.
 *
 * @param options.signal Stops it.
 * @param options.onRecord Told before the forward pass is recorded; awaited.
 * @returns AP in [0, 1] by name: `ap`, `ap50`, …, `ap <class>`; without those
 * that have no ground truth.
 */
export async function measure(
  detector: Detector,
  config: RunConfig,
  { test }: Splits,
  { signal, onRecord }: { signal?: AbortSignal; onRecord?: OnRecord } = {},
): Promise<Record<string, number>> {
  const { width, height } = config.data;
  const input = { width, height };
  const { batchSize } = config;
  const detections = await predict({
    detector,
    batches: createEvaluationLoader({
      dataset: test,
      input: { kind: "stretch", ...input },
      batchSize,
    }),
    anchors: makeAnchors(input),
    input,
    signal,
    onRecord,
  });
  const coco = await evaluateCocoInWorker(test.images, detections, {
    numClasses: test.classes.length,
    signal,
  });
  const { ap, ap50, ap75, apSmall, apMedium, apLarge } = coco;
  const metrics: Record<string, number> = {
    ap,
    ap50,
    ap75,
    apSmall,
    apMedium,
    apLarge,
  };
  test.classes.forEach((name, index) => {
    metrics[`ap ${name}`] = coco.perClass[index].ap;
  });
  // NaN says that there is no such box; a record simply lacks it.
  return Object.fromEntries(
    Object.entries(metrics).filter(([, value]) => !Number.isNaN(value)),
  );
}
