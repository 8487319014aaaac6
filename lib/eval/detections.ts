/** What a detector found in one image, highest score first. */
export interface Detections {
  /** `[N, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: Float32Array;
  /** `[N]` in [0, 1]. */
  readonly scores: Float32Array;
  /** `[N]`: class of each box, from 0. */
  readonly labels: Int32Array;
}
