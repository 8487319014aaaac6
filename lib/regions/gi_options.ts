/** How GI imitation selects boxes. */
export interface GiOptions {
  /** Boxes kept a level, from 1; 10 by default. */
  readonly topk?: number;
  /** Boxes whose IoU with a kept one is greater are dropped, in [0, 1]; 0.3 by default. */
  readonly iouThreshold?: number;
  /**
   * Which boxes suppress each other and share the `topk`: those of the whole
   * `batch` as released (default), or those of one `image`.
   */
  readonly suppression?: "batch" | "image";
}

/** What `giRegion` does unless told: as the released code. */
export const GI_DEFAULTS = {
  topk: 10,
  iouThreshold: 0.3,
  suppression: "batch",
} as const;
