/** What is in one image; records of a data set fit as they are. */
export interface CocoGroundTruth {
  /** `[G, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: ArrayLike<number>;
  /** `[G]`: class of each box, from 0. */
  readonly labels: ArrayLike<number>;
  /** `[G]`: area that decides the size of each box; width * height by default. */
  readonly areas?: ArrayLike<number>;
  /** `[G]`: not 0 for a box around a crowd; none by default. */
  readonly crowd?: ArrayLike<number>;
}

/** What was found in one image, in any order; `Detections` fit as they are. */
export interface CocoDetections {
  /** `[N, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: ArrayLike<number>;
  /** `[N]`. */
  readonly scores: ArrayLike<number>;
  /** `[N]`: class of each box, from 0. */
  readonly labels: ArrayLike<number>;
}
