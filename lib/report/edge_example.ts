/** One location of one image and what detectors predict there. */
export interface EdgeExample {
  /** The picture; width and height are those of the box coordinates, in pixels. */
  readonly image: {
    readonly source: string;
    readonly width: number;
    readonly height: number;
  };
  /** What the picture is, for the title, e.g. the file's name. */
  readonly name: string;
  /** Where the distances start, x and y in pixels. */
  readonly location: readonly [number, number];
  /** Pixels per bin. */
  readonly stride: number;
  /** The true box, [x1, y1, x2, y2] in pixels. */
  readonly truth: readonly number[];
  /**
   * One to three detectors, the teacher first, each with its logits of the
   * left, top, right and bottom edge: 4 × n.
   */
  readonly models: readonly {
    readonly name: string;
    readonly logits: readonly ArrayLike<number>[];
  }[];
}

/**
 * Fails where the detectors of an example cannot be drawn.
 *
 * @param example what is to be drawn
 * @param most how many detectors can be told apart
 */
export function checkEdgeExample(
  { models }: EdgeExample,
  most: number,
): void {
  const bins = models[0]?.logits[0]?.length ?? 0;
  if (models.length < 1 || models.length > most || bins < 2) {
    throw new TypeError(
      `Cannot draw edge distributions: there must be 1 to ${most} detectors with 2 or more bins: ` +
        `current are ${models.length} with ${bins}`,
    );
  }
  for (const { name, logits } of models) {
    if (logits.length !== 4 || logits.some(({ length }) => length !== bins)) {
      throw new TypeError(
        `Cannot draw edge distributions: the logits of ${name} must be [4, ${bins}]: ` +
          `current lengths are ${
            Array.from(logits, ({ length }) => length).join(", ")
          }`,
      );
    }
  }
}
