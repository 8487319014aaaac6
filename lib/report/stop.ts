import { inJupyter } from "./jupyter.ts";

/**
 * Signals this close to the one before are the same press of Ctrl-C: the
 * terminal sends one to each process of its group, and a parent such as
 * `deno task` hands its own on.
 */
const samePressMs = 1000;

let current: AbortController | undefined;
let listening = false;
let stoppedAt = -Infinity;

/**
 * The signal of the Stop button, or of Ctrl-C.
 *
 * Use it for a run that should stop at its next step and keep what it has. A
 * notebook's Stop button sends SIGINT, which ends the Deno kernel and loses
 * all variables unless something listens; from the first call on, this does.
 * After a stop, call it again for the next run. Runs at the same time share
 * one signal. In a terminal the stop is announced on standard error, and a
 * second Ctrl-C, at least a second later, ends the process at once.
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
  if (!inJupyter()) {
    const now = performance.now();
    const again = now - stoppedAt < samePressMs;
    if (again) return;
    stoppedAt = now;
    // Nothing has asked for a new signal since the last stop, so whatever still
    // runs does not listen. A terminal's user wants out; a kernel must live.
    if (current!.signal.aborted) return end();
    announce();
  }
  current!.abort(new DOMException("Stopped (SIGINT)", "AbortError"));
}

function announce(): void {
  // A line of progress stands where the cursor is.
  const clear = Deno.stderr.isTerminal() ? "\r\x1b[2K" : "";
  Deno.stderr.writeSync(
    new TextEncoder().encode(
      `${clear}Stopping after this step; press Ctrl-C again to quit at once\n`,
    ),
  );
}

/**
 * Dies of the signal, as a process that does not listen to it. `Deno.exit`
 * would run the destructors of native libraries, which crash while a step of
 * theirs is running.
 */
function end(): void {
  Deno.removeSignalListener("SIGINT", stop);
  Deno.kill(Deno.pid, "SIGINT");
}
