/** Frames that are looked through for the caller's: tfjs nests deeply. */
const FRAMES = 64;

/** The engine's folder, as stack traces have it: decoded. */
const engine = decodeURIComponent(new URL(".", import.meta.url).href);

/** A frame's place, after the function's name; a path may have parentheses too. */
const PLACE = /^\s+at (?:async )?(?:(?!\w+:).*? \()?(.+?:\d+:\d+)\)?$/;

/** Where code was called from; costs little until it is asked for its line. */
export interface CallSite {
  readonly stack?: string;
}

/** The place that calls this. */
export function callSite(): CallSite {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const site: CallSite = {};
  Error.captureStackTrace(site, callSite);
  Error.stackTraceLimit = limit;
  return site;
}

/**
 * The line of the user's code that a call came from: the innermost that belongs
 * neither to the engine nor to a package or the runtime.
 *
 * @returns Text to end an error with: `` (at file:///step.ts:3:12)``, or nothing
 * where there is no such line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { atLine } from "ldlab/engine/source_line.ts";
 *
 * const frames = ["node_modules/tfjs/mul.js:9:1", "lab/step.ts:3:12"];
 * const stack = frames.map((f) => `    at f (file:///${f})`).join("\n");
 * assert.equal(atLine({ stack }), " (at file:///lab/step.ts:3:12)");
 * ```
 */
export function atLine(site: CallSite): string {
  for (const frame of site.stack?.split("\n") ?? []) {
    const place = PLACE.exec(frame)?.[1];
    if (place === undefined) continue;
    const foreign = /^(?:ext|node|npm|https?):|\/node_modules\//.test(place);
    if (!foreign && !place.startsWith(engine)) return ` (at ${place})`;
  }
  return "";
}

/**
 * Records an op; where that fails, the error also says which line of the step
 * asked for it.
 */
export function withLine<T>(record: () => T): T {
  try {
    return record();
  } catch (cause) {
    const { message, constructor } = cause as Error;
    const Kind = constructor as ErrorConstructor;
    throw new Kind(message + atLine(callSite()), { cause });
  }
}
