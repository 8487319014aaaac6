import type { DatasetWarning } from "./dataset.ts";

/** Kinds of records that annotation files may hold and a dataset may not. */
export type SkippedKind = Exclude<DatasetWarning["kind"], "clamped">;

/** Records a warning names. */
const SHOWN = 3;

const KINDS: Record<
  SkippedKind,
  [skipped: string, error: new (message: string) => Error]
> = {
  "no area": ["boxes of no area", RangeError],
  "outside": ["boxes outside their image", RangeError],
  "wrong box": ["annotations with a wrong box", RangeError],
  "double id": ["records of a double id or file", RangeError],
  "unknown id": ["annotations of an unknown image or category", RangeError],
  "missing field": ["records that lack a field", SyntaxError],
  "unknown class": ["objects of an unknown class", RangeError],
  "missing image": ["images whose file is missing", Deno.errors.NotFound],
  "missing annotation": ["images without annotation", Deno.errors.NotFound],
  "unreadable image": ["images that cannot be read", SyntaxError],
  "in no patch": ["objects that no patch holds enough of", RangeError],
};

/** A record that is not fit, and why. */
export interface UnfitRecord {
  readonly kind: SkippedKind;
  /** For example `annotations[12] (id 345)`. */
  readonly record: string;
  /** Goes on from there: `has ...`. */
  readonly why: string;
  /** What the user may do, for example `Correct or remove it`. */
  readonly remedy: string;
}

/**
 * Counts the records that a reader skips, or fails at the first one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SkippedRecords } from "ldlab/data/skipped_records.ts";
 *
 * const skipped = new SkippedRecords("a.json", (kind) => kind === "no area" ? undefined : "skipBad: true");
 * skipped.add({ kind: "no area", record: "annotations[0]", why: "has no area", remedy: "Remove it" });
 * assert.equal(skipped.warnings[0].message, "Skipped boxes of no area: 1 (annotations[0] has no area)");
 * ```
 */
export class SkippedRecords {
  readonly #source: string;
  readonly #optionToSkip: (kind: SkippedKind) => string | undefined;
  readonly #found = new Map<SkippedKind, { count: number; shown: string[] }>();

  /**
   * @param source Named in errors, for example the file's path.
   * @param optionToSkip The option that would have records of a kind skipped;
   * undefined where they are skipped.
   */
  constructor(
    source: string,
    optionToSkip: (kind: SkippedKind) => string | undefined,
  ) {
    this.#source = source;
    this.#optionToSkip = optionToSkip;
  }

  /**
   * Skips a record.
   *
   * @throws {Error} If records of its kind are not skipped.
   */
  add({ kind, record, why, remedy }: UnfitRecord): void {
    const option = this.#optionToSkip(kind);
    if (option !== undefined) {
      const [, Kind] = KINDS[kind];
      throw new Kind(
        `Cannot read annotations ${this.#source}: ${record} ${why}. ` +
          `${remedy}, or read with ${option}`,
      );
    }
    const found = this.#found.get(kind) ?? { count: 0, shown: [] };
    this.#found.set(kind, found);
    if (found.count++ < SHOWN) found.shown.push(`${record} ${why}`);
  }

  /** One warning a kind, which names the first few records. */
  get warnings(): DatasetWarning[] {
    return [...this.#found].map(([kind, { count, shown }]) => {
      const rest = count > SHOWN ? `; and ${count - SHOWN} more` : "";
      const message = `Skipped ${KINDS[kind][0]}: ${count} (${
        shown.join("; ")
      }${rest})`;
      return { kind, count, message };
    });
  }
}
