/**
 * A class or function that a pickle names. It is never looked up.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readPickle } from "ldlab/train/pickle.ts";
 * import { PickleName } from "ldlab/train/pickle_name.ts";
 *
 * const bytes = new TextEncoder().encode("ctorch\nfloat32\n.");
 * const { value } = readPickle(bytes, {
 *   meanings: new Map([["torch.float32", null]]),
 * });
 * assert.deepEqual(value, new PickleName("torch.float32"));
 * ```
 */
export class PickleName {
  /** @param name Module and name, as `torch.float32`. */
  constructor(readonly name: string) {}
}

/**
 * What stands for a name of a pickle: a function of the arguments that the
 * pickle gives, which refuses them with a `TypeError`, or `null` for a name that
 * is kept as it is.
 */
export type PickleMeaning = ((...args: unknown[]) => unknown) | null;

/** What a meaning makes that takes a state, as Python's `__setstate__` does. */
export interface PickleState {
  /** @param state What the pickle gives; a `TypeError` refuses it. */
  setState(state: unknown): void;
}

/** Whether a value of a pickle takes a state. */
export function takesState(value: unknown): value is PickleState {
  return typeof value === "object" && value !== null && "setState" in value;
}
