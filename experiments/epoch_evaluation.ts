import type { Detector } from "../lib/detectors/mod.ts";
import type { RunConfig } from "./config.ts";
import { measure } from "./measure.ts";
import { recordingOf } from "./recording_of.ts";
import type { TrainingOptions } from "./train_detector.ts";

/**
 * Measures a detector on its way, after every `evaluateEvery` epochs but the
 * last, which every run is measured after.
 *
 * @param options.id The run.
 * @param options.perEpoch Iterations of an epoch.
 * @returns To be called after an iteration, counted from 1: stores the metrics if
 * they are due. A signal ends it without them.
 */
export function epochEvaluation(
  detector: Detector,
  config: RunConfig,
  { id, perEpoch, evaluateEvery, store, splits, signal, ...tell }:
    & TrainingOptions
    & { id: string; perEpoch: number },
): (iteration: number) => Promise<void> {
  const { onActivity, onImage, onMeasured } = tell;
  return async (iteration) => {
    const epoch = iteration / perEpoch;
    const isDue = evaluateEvery !== undefined && epoch > 0 &&
      epoch < config.epochs && epoch % evaluateEvery === 0;
    if (!isDue) return;
    await onActivity?.("evaluating");
    try {
      const metrics = await measure(detector, config, splits, {
        signal,
        onRecord: (step) => onActivity?.(recordingOf(step)),
        onImage,
      });
      store.addEvaluation(id, epoch, metrics);
      onMeasured?.(epoch, metrics);
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
    }
  };
}
