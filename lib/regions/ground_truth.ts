/** What is in one image, in pixels of the network input. */
export interface GroundTruth {
  /**
   * `[G, 4]`: x1, y1, x2, y2, x1 <= x2 and y1 <= y2; finite, or regions and
   * assigners refuse them with a RangeError.
   */
  readonly boxes: Float32Array;
  /** `[G]`: class of each box, from 0. */
  readonly labels: Int32Array;
  /** `[I, 4]`: boxes that are not to be learnt, such as crowds; none by default. */
  readonly ignored?: Float32Array;
}
