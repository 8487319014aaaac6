import { type PickleMeaning, PickleName } from "./pickle_name.ts";

const LOG = "mmengine.logging.history_buffer.HistoryBuffer";

/**
 * What a checkpoint of MMEngine's runner names besides tensors: its logs, each
 * an object with arrays and, as Python 2 and 3 call `getattr`, its own methods.
 * A log becomes an empty map and a method its name; neither is looked up.
 *
 * @see https://github.com/open-mmlab/mmengine/blob/v0.10.7/mmengine/logging/history_buffer.py
 */
export const LOG_MEANINGS: readonly [string, PickleMeaning][] = [
  [LOG, () => new Map()],
  ["__builtin__.getattr", methodOfLog],
  ["builtins.getattr", methodOfLog],
];

function methodOfLog(owner: unknown, method: unknown): PickleName {
  const isLog = owner instanceof PickleName && owner.name === LOG;
  if (!isLog || typeof method !== "string") {
    throw new TypeError("only a method of MMEngine's logs may be named by it");
  }
  return new PickleName(`${LOG}.${method}`);
}
