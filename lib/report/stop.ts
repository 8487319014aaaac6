import { inJupyter } from "./jupyter.ts";

let current: AbortController | undefined;
let listening = false;

/**
 * The signal of the Stop button, or of Ctrl-C.
 *
 * Use it for a run that should stop at its next step and keep what it has. A
 * notebook's Stop button sends SIGINT, which ends the Deno kernel and loses
 * all variables unless something listens; from the first call on, this does.
 * After a stop, call it again for the next run. Runs at the same time share
 * one signal. In a terminal a second Ctrl-C ends the process at once.
 *
 * @returns a signal that is not aborted yet; its reason is an `AbortError`
 *
 * @example
 * ```ts
 * import { stopSignal } from "ldlab/report/stop.ts";
 * import assert from "node:assert/strict";
 *
 * const signal = stopSignal();
 * assert.equal(signal.aborted, false);
 * assert.equal(stopSignal(), signal);
 * ```
 */
export function stopSignal(): AbortSignal {
  if (!listening) {
    listening = true;
    Deno.addSignalListener("SIGINT", stop);
  }
  if (current === undefined || current.signal.aborted) {
    current = new AbortController();
  }
  return current.signal;
}

function stop(): void {
  // Nothing has asked for a new signal since the last stop, so whatever still
  // runs does not listen. A terminal's user wants out; a kernel must live.
  if (current!.signal.aborted && !inJupyter()) Deno.exit(130);
  current!.abort(new DOMException("Stopped (SIGINT)", "AbortError"));
}
