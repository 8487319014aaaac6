import type { SceneKey } from "./scene_layout.ts";

/** One image and its boxes, plain data: it travels to workers as it is. */
export interface ImageRecord {
  /** Unique in its dataset, for example `BloodImage_00000`. */
  readonly id: string;
  /** The image file, or for a scene its name: no other image has it. */
  readonly path: string;
  /** Where the annotation stands; errors about this image name it. */
  readonly annotation: string;
  /** Original size in pixels. */
  readonly width: number;
  readonly height: number;
  /** [G * 4], x1, y1, x2, y2 in original pixels. */
  readonly boxes: Float32Array;
  /** [G], index into the dataset's classes. */
  readonly labels: Int32Array;
  /** [G], 1 where the annotators found the object hard to recognise. */
  readonly difficult: Uint8Array;
  /** Set where the image is drawn in place of read from `path`. */
  readonly scene?: SceneKey;
}

/** What a reader mended, counted: one warning a kind, however many records. */
export interface DatasetWarning {
  readonly kind: "no area" | "clamped";
  /** How many boxes. */
  readonly count: number;
  /** A sentence for the user, which names the first few records. */
  readonly message: string;
}

/** Images with boxes of named classes, in a fixed order. */
export interface Dataset {
  /** For example `bccd/train`. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly images: readonly ImageRecord[];
  readonly warnings: readonly DatasetWarning[];
}
