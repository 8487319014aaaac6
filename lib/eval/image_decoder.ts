import { type Anchors, validAnchors } from "../boxes/anchors.ts";
import { anchorsOf } from "../detectors/detector_anchors.ts";
import type { DetectorConfig } from "../detectors/detector_config.ts";
import {
  decodeDetections,
  type DecodeOptions,
  type ImageLogits,
} from "./decode_detections.ts";
import type { Detections } from "./detections.ts";
import type { InputPlace } from "./predict_batch.ts";

/** Decodes what a detector says about an image that lies somewhere in its input. */
export type ImageDecoder = (
  logits: ImageLogits,
  place: InputPlace,
) => Detections;

/**
 * Opens the decoding of a detector: its kind and anchors follow from its config,
 * and from the size of an image's batch.
 *
 * Use it on the outputs of `imageLogits`; `predict` does. Cells that see nothing
 * but padding of the batch, beyond the image's own, find nothing.
 *
 * @param config The detector.
 * @param options Thresholds, suppression and limits; those of `decodeDetections`
 * unless given.
 * @returns The decoder, which keeps the anchors of each size that it has seen.
 * @see MMDetection 3.3.0 tests images one by one, each padded to multiples of 32
 * by itself; in its larger batches cells beyond do find objects.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openDecoder } from "ldlab/eval/image_decoder.ts";
 *
 * const size = { width: 64, height: 32 };
 * const decode = openDecoder({ kind: "gfl", numClasses: 1 });
 * const { scores } = decode(
 *   { classLogits: new Float32Array(44), boxLogits: new Float32Array(44 * 4 * 17) },
 *   { size, imageSize: size, paddedSize: size, scale: { x: 1, y: 1 } },
 * );
 * assert.equal(scores[0], 0.5);
 * ```
 */
export function openDecoder(
  config: DetectorConfig,
  options: DecodeOptions = {},
): ImageDecoder {
  const anchorsOfSizes = new Map<string, Anchors>();
  return (logits, { size, imageSize, paddedSize, scale }) => {
    const key = `${size.width}x${size.height}`;
    const anchors = anchorsOfSizes.get(key) ?? anchorsOf(config, size);
    anchorsOfSizes.set(key, anchors);
    const further = paddedSize.width < size.width ||
      paddedSize.height < size.height;
    return decodeDetections({
      ...options,
      ...logits,
      kind: config.kind,
      anchors,
      imageSize,
      scale: [scale.x, scale.y],
      valid: further ? validAnchors(anchors, paddedSize) : undefined,
    });
  };
}
