import { checkNesting } from "./bounded_nesting.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { latin1Bytes } from "./latin1.ts";
import { PickleMachine } from "./pickle_machine.ts";
import type { PickleMeaning } from "./pickle_name.ts";

/** How a pickle is read. */
export interface PickleOptions {
  /** Named in errors, for example the file's path. */
  readonly source?: string;
  /** Where the pickle begins; default 0. */
  readonly at?: number;
  /** Names that it may hold besides ordered dictionaries, counters and bytes. */
  readonly meanings?: ReadonlyMap<string, PickleMeaning>;
  /** What stands for a persistent id; default: such are refused. */
  readonly persistent?: (id: unknown) => unknown;
}

/** What a pickle holds, and where it ends. */
export interface PickledData {
  readonly value: unknown;
  readonly end: number;
}

const PLAIN: ReadonlyMap<string, PickleMeaning> = new Map<
  string,
  PickleMeaning
>([
  ["collections.OrderedDict", (pairs = []) => orderedDict(pairs)],
  ["collections.Counter", (counts = new Map()) => counter(counts)],
  // How protocol 2 holds bytes.
  ["_codecs.encode", (text, coding) => encoded(text, coding)],
]);

/**
 * Reads a Python pickle, protocols 0 to 5, as data: nothing is executed or
 * imported, whatever the pickle asks for.
 *
 * Use it for the records inside of a checkpoint;
 * {@linkcode readTorchCheckpoint} reads the whole.
 *
 * A dictionary becomes a `Map`, a list an array, a tuple a frozen array, a set a
 * `Set`, bytes a `Uint8Array`, an integer beyond 2⁵³ a `bigint`, `None` `null`.
 * Values that a pickle shares are shared in the result.
 *
 * @param bytes What holds the pickle.
 * @param options Where it begins, what it is called, and which names it may hold.
 * @returns Its value, and the place of the first byte behind it.
 * @throws {SyntaxError} If it is cut off or malformed, names a class or function
 * that is not allowed, is nested more than 200 deep, holds itself, or unfolds to
 * much more than its bytes.
 * @see https://github.com/python/cpython/blob/3.13/Lib/pickletools.py
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readPickle } from "ldlab/train/pickle.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * // pickle.dumps({"epoch": 12}, 0)
 * const { value } = readPickle(bytes("(dp0\nVepoch\np1\nI12\ns."));
 * assert.deepEqual(value, new Map([["epoch", 12]]));
 * const code = bytes("cos\nsystem\n(S'ls'\ntR.");
 * assert.throws(() => readPickle(code), /os\.system/);
 * ```
 */
export function readPickle(
  bytes: Uint8Array,
  { source = "pickle", at = 0, meanings, persistent }: PickleOptions = {},
): PickledData {
  const bad = (why: string) =>
    new SyntaxError(`Cannot read ${source} as a pickle: ${why}`);
  const cursor = new ByteCursor(bytes, at, bad);
  const allowed = new Map([...PLAIN, ...meanings ?? []]);
  const value = new PickleMachine(cursor, allowed, persistent).run();
  // A pickle makes at most one value of a byte, and shares some of them.
  checkNesting(value, 64 * (cursor.at - at) + 1024, bad);
  return { value, end: cursor.at };
}

function orderedDict(pairs: unknown): Map<unknown, unknown> {
  if (!Array.isArray(pairs) || !pairs.every(isPair)) {
    throw new TypeError("its argument is not a list of pairs");
  }
  return new Map(pairs);
}

function counter(counts: unknown): unknown {
  if (!(counts instanceof Map)) {
    throw new TypeError("its counts are no dictionary");
  }
  return counts;
}

function isPair(value: unknown): value is [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function encoded(text: unknown, coding: unknown): Uint8Array {
  if (typeof text !== "string" || coding !== "latin1") {
    throw new TypeError("its arguments are not a string and 'latin1'");
  }
  return latin1Bytes(text);
}
