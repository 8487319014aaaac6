import { type Engine, openEngine } from "../lib/engine/mod.ts";

/**
 * Opens the engine as runs want it, with one thread for each op: the networks of
 * the scales at hand are small, for which that is faster, and a run has the same
 * bits whatever the machine's number of cores. An engine that is open is taken as
 * it is.
 *
 * @param threads How many ops may be worked on at once; the processor's cores
 * unless given.
 */
export function openRunEngine(threads?: number): Promise<Engine> {
  return openEngine({ threads, threadsPerOp: 1 });
}

/**
 * What an engine is, in a record: `TensorFlow 2.21.0`, and on which card.
 *
 * @param engine What is to be said of it.
 */
export function engineText(
  { backend, version, card }: Pick<Engine, "backend" | "version" | "card">,
): string {
  if (backend !== "tensorflow") return `tfjs ${version} on ${backend}`;
  return `TensorFlow ${version}${card === undefined ? "" : ` on ${card}`}`;
}
