import type { SceneKey } from "./scene_layout.ts";

/** The part of a file's image that a record is. */
export interface ImageWindow {
  /** The image file, which other records may be windows of too. */
  readonly file: string;
  /** The upper left corner in the file's image, pixels. */
  readonly left: number;
  readonly top: number;
  /** Pixels, all inside the file's image; what the record has beyond is padding. */
  readonly width: number;
  readonly height: number;
}

/** One image and its boxes, plain data: it travels to workers as it is. */
export interface ImageRecord {
  /** Unique in its dataset unless that repeats, for example `BloodImage_00000`. */
  readonly id: string;
  /** The image file, or for a scene or window its name: no other image has it. */
  readonly path: string;
  /** Where the annotation stands; errors about this image name it. */
  readonly annotation: string;
  /** Original size in pixels; of a window with its padding. */
  readonly width: number;
  readonly height: number;
  /** [G * 4], x1, y1, x2, y2 in original pixels. */
  readonly boxes: Float32Array;
  /** [G], index into the dataset's classes. */
  readonly labels: Int32Array;
  /**
   * [G], 1 where the annotators found the object hard to recognise, or marked it
   * as a crowd or to be ignored: it is not learnt.
   */
  readonly difficult: Uint8Array;
  /** [G], what decides a box's size in COCO's metrics; its own area unless set. */
  readonly areas?: Float64Array;
  /** [G], 1 for a box around a crowd; none unless set. */
  readonly crowd?: Uint8Array;
  /** Set where the image is drawn in place of read from `path`. */
  readonly scene?: SceneKey;
  /** Set where the image is a part of that in a file. */
  readonly window?: ImageWindow;
}

/** What a reader mended or skipped: one warning a kind, however many records. */
export interface DatasetWarning {
  readonly kind:
    | "no area"
    | "clamped"
    | "outside"
    | "wrong box"
    | "double id"
    | "unknown id"
    | "missing field"
    | "unknown class"
    | "missing image"
    | "missing annotation"
    | "unreadable image"
    | "in no patch";
  /** How many boxes, or other records. */
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
