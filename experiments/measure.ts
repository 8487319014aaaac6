import { createEvaluationLoader, type Dataset } from "../lib/data/mod.ts";
import type { Detector } from "../lib/detectors/mod.ts";
import type { OnRecord } from "../lib/engine/mod.ts";
import {
  type DecodeOptions,
  type Detections,
  evaluateCocoInWorker,
  evaluateVocInWorker,
  predict,
} from "../lib/eval/mod.ts";
import type { RunConfig } from "./config.ts";
import type { Splits } from "./data.ts";

/** How a detector is measured: what is told, and what stops it. */
export interface MeasureOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
  /** Told before the forward pass is recorded; awaited. */
  readonly onRecord?: OnRecord;
  /** Told after each image how many of how many are done. */
  readonly onImage?: (done: number, total: number) => void;
  /** Which boxes are detections; as `decodeDetections` unless given. */
  readonly decode?: DecodeOptions;
}

/**
 * Measures a detector on the test split, and leaves the event loop free.
 *
 * @param config Input, batch size and the protocol: `coco`, the metrics of
 * `evaluateCoco`, unless `evaluation` is `voc07`, those of `evaluateVoc`.
 * @returns AP in [0, 1] by name: `ap`, `ap50`, …, `ap <class>` (the mean over the
 * IoU thresholds); without those that have no ground truth. VOC has each threshold,
 * `ap50` to `ap95`, of classes too, `ap95 <class>`; COCO also `apSmall`, `apMedium` and `apLarge`.
 * @throws {TypeError} If the detector's head has not as many classes as the data.
 */
export async function measure(
  detector: Detector,
  config: Pick<RunConfig, "input" | "batchSize" | "evaluation">,
  { test }: Pick<Splits, "test">,
  { signal, onRecord, onImage, decode }: MeasureOptions = {},
): Promise<Record<string, number>> {
  requireClasses(detector, test);
  const { input, batchSize, evaluation } = config;
  const detections = await predict({
    detector,
    batches: createEvaluationLoader({ dataset: test, input, batchSize }),
    decode,
    signal,
    onRecord,
    onImage: (done) => onImage?.(done, test.images.length),
  });
  const metrics = evaluation === "voc07"
    ? await vocMetrics(test, detections, signal)
    : await cocoMetrics(test, detections, signal);
  // NaN says that there is no such box; a record simply lacks it.
  return Object.fromEntries(
    Object.entries(metrics).filter(([, value]) => !Number.isNaN(value)),
  );
}

async function cocoMetrics(
  { images, classes }: Dataset,
  detections: readonly Detections[],
  signal: AbortSignal | undefined,
): Promise<Record<string, number>> {
  const options = { numClasses: classes.length, signal };
  const coco = await evaluateCocoInWorker(images, detections, options);
  const { ap, ap50, ap75, apSmall, apMedium, apLarge } = coco;
  return {
    ap,
    ap50,
    ap75,
    apSmall,
    apMedium,
    apLarge,
    ...byClass(classes, (index) => coco.perClass[index].ap),
  };
}

async function vocMetrics(
  { images, classes }: Dataset,
  detections: readonly Detections[],
  signal: AbortSignal | undefined,
): Promise<Record<string, number>> {
  const options = { numClasses: classes.length, signal };
  const voc = await evaluateVocInWorker(images, detections, options);
  const { ap, perIou } = voc;
  const names = perIou.map(({ iouThreshold }) =>
    `ap${Math.round(100 * iouThreshold)}`
  );
  const byIou = perIou.map((table, at) => [names[at], table.ap] as const);
  const ofClasses = perIou.map(({ perClass }, at) =>
    byClass(classes, (index) => perClass[index].ap, names[at])
  );
  return {
    ap,
    ...Object.fromEntries(byIou),
    ...byClass(classes, (index) => {
      const aps = perIou.map(({ perClass }) => perClass[index].ap);
      return aps.reduce((sum, each) => sum + each, 0) / aps.length;
    }),
    ...Object.assign({}, ...ofClasses),
  };
}

function byClass(
  classes: readonly string[],
  apOf: (index: number) => number,
  metric = "ap",
): Record<string, number> {
  return Object.fromEntries(
    classes.map((name, index) => [`${metric} ${name}`, apOf(index)]),
  );
}

function requireClasses(
  { config }: Detector,
  { name, classes }: Dataset,
): void {
  if (config.numClasses === classes.length) return;
  throw new TypeError(
    `Cannot measure a detector on ${name}: its head must have the data's ` +
      `${classes.length} classes, ${classes.join(", ")}: current number is ` +
      config.numClasses,
  );
}
